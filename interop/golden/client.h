/* What the programs of the C client that are recorded have in common. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zookeeper/zookeeper.h>

static volatile int connected = 0;

static void wait_for(volatile int *flag) {
  for (int i = 0; i < 2000 && !*flag; i++) usleep(10000);
  if (!*flag) exit(2);
}

static void expect(const char *what, int rc, int wanted) {
  if (rc == wanted) return;
  fprintf(stderr, "%s: %s\n", what, zerror(rc));
  exit(1);
}
