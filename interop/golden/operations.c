/* Every operation of ZooKeeper's C client, once: argument 1 is host:port. The recorder of golden
 * captures compiles and runs it. */
#include "client.h"

static volatile int synced = 0;

static void on_event(zhandle_t *zk, int type, int state, const char *path, void *context) {
  (void)zk, (void)path, (void)context;
  if (type == ZOO_SESSION_EVENT && state == ZOO_CONNECTED_STATE) connected = 1;
}

static void on_void(int rc, const void *data) { (void)rc, (void)data, synced = 1; }
static void on_string(int rc, const char *value, const void *data) {
  (void)rc, (void)value, (void)data, synced = 1;
}

int main(int argc, char **argv) {
  if (argc != 2) return 3;
  zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
  zhandle_t *zk = zookeeper_init(argv[1], on_event, 4000, NULL, NULL, 0);
  if (zk == NULL) return 4;
  wait_for(&connected);
  char name[200], data[200];
  int length = sizeof data;
  struct Stat stat;
  struct String_vector names;
  struct ACL_vector acls;
  zoo_add_auth(zk, "digest", "user:password", 13, on_void, NULL);
  wait_for(&synced);
  expect("create", zoo_create(zk, "/golden", "one", 3, &ZOO_OPEN_ACL_UNSAFE, 0, name, sizeof name), ZOK);
  expect("null", zoo_create(zk, "/golden/null", NULL, -1, &ZOO_OPEN_ACL_UNSAFE, 0, name, sizeof name), ZOK);
  expect("create2", zoo_create2(zk, "/golden/e-", "x", 1, &ZOO_OPEN_ACL_UNSAFE,
                                ZOO_EPHEMERAL | ZOO_SEQUENCE, name, sizeof name, &stat), ZOK);
  expect("container", zoo_create2(zk, "/golden/container", "x", 1, &ZOO_OPEN_ACL_UNSAFE,
                                  ZOO_CONTAINER, name, sizeof name, &stat), ZOK);
  expect("ttl", zoo_create2_ttl(zk, "/golden/ttl", "x", 1, &ZOO_OPEN_ACL_UNSAFE,
                                ZOO_PERSISTENT_WITH_TTL, 600000, name, sizeof name, &stat), ZOK);
  expect("mine", zoo_create(zk, "/golden/mine", "x", 1, &ZOO_CREATOR_ALL_ACL, 0, name, sizeof name), ZOK);
  expect("exists", zoo_wexists(zk, "/golden", on_event, NULL, &stat), ZOK);
  expect("exists", zoo_exists(zk, "/missing", 0, &stat), ZNONODE);
  expect("get", zoo_wget(zk, "/golden", on_event, NULL, data, &length, &stat), ZOK);
  length = sizeof data;
  expect("get", zoo_get(zk, "/missing", 0, data, &length, &stat), ZNONODE);
  expect("children", zoo_wget_children(zk, "/golden", on_event, NULL, &names), ZOK);
  expect("children2", zoo_get_children2(zk, "/golden", 0, &names, &stat), ZOK);
  expect("set", zoo_set2(zk, "/golden", "two", 3, 0, &stat), ZOK);
  expect("set", zoo_set(zk, "/golden", "three", 5, 7), ZBADVERSION);
  expect("acl", zoo_get_acl(zk, "/golden/mine", &acls, &stat), ZOK);
  expect("acl", zoo_set_acl(zk, "/golden/mine", -1, &ZOO_READ_ACL_UNSAFE), ZOK);
  synced = 0;
  expect("sync", zoo_async(zk, "/golden", on_string, NULL), ZOK);
  wait_for(&synced);
  zoo_op_t ops[4];
  zoo_op_result_t results[4];
  char made[100];
  zoo_check_op_init(&ops[0], "/golden", 1);
  zoo_create_op_init(&ops[1], "/golden/multi", "m", 1, &ZOO_OPEN_ACL_UNSAFE, 0, made, sizeof made);
  zoo_set_op_init(&ops[2], "/golden/multi", "n", 1, 0, &stat);
  zoo_delete_op_init(&ops[3], "/golden/multi", 1);
  expect("multi", zoo_multi(zk, 4, ops, results), ZOK);
  zoo_check_op_init(&ops[1], "/golden", 99);
  expect("multi", zoo_multi(zk, 3, ops, results), ZBADVERSION);
  expect("exists", zoo_wexists(zk, "/golden", on_event, NULL, &stat), ZOK);
  expect("remove watches",
         zoo_remove_watches(zk, "/golden", ZWATCHTYPE_DATA, on_event, NULL, 0), ZOK);
  expect("exists", zoo_wexists(zk, "/golden", on_event, NULL, &stat), ZOK);
  expect("remove watches", zoo_remove_all_watches(zk, "/golden", ZWATCHTYPE_ANY, 0), ZOK);
  expect("delete", zoo_delete(zk, "/golden", -1), ZNOTEMPTY);
  expect("delete", zoo_delete(zk, "/golden/null", 0), ZOK);
  expect("watch", zoo_wexists(zk, "/golden/later", on_event, NULL, &stat), ZNONODE);
  expect("watch", zoo_wget_children(zk, "/golden", on_event, NULL, &names), ZOK);
  length = sizeof data;
  expect("watch", zoo_wget(zk, "/golden", on_event, NULL, data, &length, &stat), ZOK);
  connected = 0;
  zoo_exists(zk, "/drop-the-connection", 0, &stat);
  wait_for(&connected);
  expect("delete", zoo_delete(zk, "/golden/container", -1), ZOK);
  sleep(3);
  return zookeeper_close(zk) == ZOK ? 0 : 5;
}
