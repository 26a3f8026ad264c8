/* Other members, by ZooKeeper's C client: argument 1 is host:port of a cluster of one server, number 1.
 * The recorder of golden captures compiles and runs it. */
#include "client.h"

#define JOINING "server.2=127.0.0.1:4:5:observer;127.0.0.1:6"

static volatile int proved = 0;
static volatile int changed = 0;

static void on_event(zhandle_t *zk, int type, int state, const char *path, void *context) {
  (void)zk, (void)path, (void)context;
  if (type == ZOO_SESSION_EVENT && state == ZOO_CONNECTED_STATE) connected = 1;
  if (type == ZOO_CHANGED_EVENT) changed = 1;
}

static void on_proved(int rc, const void *data) { (void)data, proved = rc == ZOK; }

int main(int argc, char **argv) {
  if (argc != 2) return 3;
  zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
  zhandle_t *zk = zookeeper_init(argv[1], on_event, 30000, NULL, NULL, 0);
  if (zk == NULL) return 4;
  wait_for(&connected);
  char data[1000];
  int length = sizeof data;
  struct Stat stat;
  expect("config", zoo_wgetconfig(zk, on_event, NULL, data, &length, &stat), ZOK);
  length = sizeof data;
  expect("noauth", zoo_reconfig(zk, JOINING, NULL, NULL, -1, data, &length, &stat), ZNOAUTH);
  zoo_add_auth(zk, "digest", "super:test", 10, on_proved, NULL);
  wait_for(&proved);
  length = sizeof data;
  expect("join", zoo_reconfig(zk, JOINING, NULL, NULL, -1, data, &length, &stat), ZOK);
  wait_for(&changed);
  length = sizeof data;
  expect("version", zoo_reconfig(zk, NULL, "2", NULL, 0x7777, data, &length, &stat), ZBADVERSION);
  length = sizeof data;
  expect("leave", zoo_reconfig(zk, NULL, "2", NULL, -1, data, &length, &stat), ZOK);
  length = sizeof data;
  expect("config", zoo_getconfig(zk, 0, data, &length, &stat), ZOK);
  return zookeeper_close(zk) == ZOK ? 0 : 5;
}
