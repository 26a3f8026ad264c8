/* ZooKeeper's C client on a server without a quorum: argument 1 is host:port. The recorder of golden
 * captures compiles and runs it. */
#include "client.h"

static void on_event(zhandle_t *zk, int type, int state, const char *path, void *context) {
  (void)zk, (void)path, (void)context;
  if (type == ZOO_SESSION_EVENT && state == ZOO_READONLY_STATE) connected = 1;
}

int main(int argc, char **argv) {
  if (argc != 2) return 3;
  zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
  zhandle_t *zk = zookeeper_init(argv[1], on_event, 30000, NULL, NULL, ZOO_READONLY);
  if (zk == NULL) return 4;
  wait_for(&connected);
  struct Stat stat;
  struct String_vector names;
  char name[200];
  expect("exists", zoo_exists(zk, "/zookeeper", 0, &stat), ZOK);
  expect("children", zoo_get_children(zk, "/", 0, &names), ZOK);
  expect("create",
         zoo_create(zk, "/no", "x", 1, &ZOO_OPEN_ACL_UNSAFE, 0, name, sizeof name), ZNOTREADONLY);
  return zookeeper_close(zk) == ZOK ? 0 : 5;
}
