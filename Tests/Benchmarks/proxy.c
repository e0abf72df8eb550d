// SPDX-License-Identifier: Apache-2.0
// Stands between a command and libvirtd's sockets while the command runs: delays what they say to
// each other as a link of some length does, and counts the calls.
//   proxy [-d MILLISECONDS] [-c FILE] [-u UUID] SOCKET TARGET [SOCKET TARGET]… -- COMMAND…
// It listens on each SOCKET and connects to its TARGET. -d is the delay of one direction: a round
// trip takes twice as long. What is under way overlaps, and the throughput has no limit. FILE gets
// the number of calls, and then a line for each procedure: its number in libvirt's
// remote_protocol.x, and how often it was called. With the UUID of TARGET's host, each SOCKET is a
// host of its own: the last 12 digits of its UUID are the socket's number. The exit status is the
// command's.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  mostPairs = 1024, mostLinks = 8192, mostProcedures = 1024, mostBytes = 65536,
  uuidLength = 36, ownLength = 12, sharedLength = uuidLength - ownLength
};

// Bytes on their way. A chunk of no bytes is the end of the stream.
struct chunk {
  struct chunk *next;
  uint64_t due;
  size_t count, sent;
  char bytes[];
};

// One direction of a connection.
struct way {
  int from, to;
  struct chunk *first, *last;
  bool ended, closed;
};

// Finds the messages in what a client says: their length and their header, in words of 4 bytes.
struct parser {
  unsigned char header[28];
  uint32_t have, skip;
};

struct link {
  struct way up, down;
  struct parser parser;
  int pair;
  size_t matched;  // how much of the host's UUID the daemon has just said
};

static struct { int listener; const char *target; } pairs[mostPairs];
static struct link *links[mostLinks];
static struct pollfd polls[1 + mostPairs + 2 * mostLinks];
static int pairCount, linkCount;
static uint64_t delay;
static const char *uuid;
static unsigned long calls, procedures[mostProcedures];

static void fail(const char *what) {
  fprintf(stderr, "proxy: %s: %s\n", what, strerror(errno));
  exit(70);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static int unix_socket(const char *path, bool listens) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (file < 0 || strlen(path) >= sizeof address.sun_path) fail(path);
  strcpy(address.sun_path, path);
  int failed = listens ? bind(file, (void *)&address, sizeof address) || listen(file, 512)
                       : connect(file, (void *)&address, sizeof address);
  if (failed && listens) fail(path);
  if (failed || fcntl(file, F_SETFL, O_NONBLOCK) != 0) {
    close(file);
    return -1;
  }
  return file;
}

static uint32_t word(const struct parser *parser, int index) {
  uint32_t value;
  memcpy(&value, parser->header + 4 * index, 4);
  return ntohl(value);
}

// The words are length, program, version, procedure, type, serial and status.
static void count_calls(struct parser *parser, const char *bytes, size_t count) {
  while (count > 0) {
    uint32_t wanted = parser->skip > 0 ? parser->skip : sizeof parser->header - parser->have;
    uint32_t taken = count < wanted ? (uint32_t)count : wanted;
    if (parser->skip > 0) {
      parser->skip -= taken;
    } else {
      memcpy(parser->header + parser->have, bytes, taken);
      parser->have += taken;
    }
    bytes += taken;
    count -= taken;
    if (parser->have < sizeof parser->header) continue;
    uint32_t type = word(parser, 4), procedure = word(parser, 3);
    if (type == 0 || type == 4) {  // a call, or one that brings file descriptors
      calls++;
      procedures[procedure < mostProcedures ? procedure : 0]++;
    }
    parser->skip = word(parser, 0) - sizeof parser->header;
    parser->have = 0;
  }
}

static void rename_host(struct link *link, char *bytes, size_t count) {
  char own[32];
  snprintf(own, sizeof own, "%0*d", ownLength, link->pair);
  for (size_t index = 0; index < count; index++) {
    if (link->matched >= sharedLength) {
      bytes[index] = own[link->matched - sharedLength];
      link->matched = (link->matched + 1) % uuidLength;
    } else {
      bool fits = bytes[index] == uuid[link->matched];
      link->matched = fits ? link->matched + 1 : bytes[index] == *uuid;
    }
  }
}

static void enqueue(struct way *way, const char *bytes, size_t count) {
  struct chunk *chunk = malloc(sizeof *chunk + count);
  if (chunk == NULL) fail("malloc");
  *chunk = (struct chunk){.due = now() + delay, .count = count};
  memcpy(chunk->bytes, bytes, count);
  if (way->first == NULL) way->first = chunk;
  else way->last->next = chunk;
  way->last = chunk;
}

static void take(struct link *link, struct way *way) {
  static char bytes[mostBytes];
  ssize_t count = read(way->from, bytes, sizeof bytes);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    way->ended = true;
    enqueue(way, bytes, 0);
    return;
  }
  if (way == &link->up) count_calls(&link->parser, bytes, (size_t)count);
  else if (uuid != NULL) rename_host(link, bytes, (size_t)count);
  enqueue(way, bytes, (size_t)count);
}

static void give(struct way *way) {
  while (way->first != NULL && way->first->due <= now()) {
    struct chunk *chunk = way->first;
    if (chunk->count == 0) {
      shutdown(way->to, SHUT_WR);
      way->closed = true;
    }
    while (chunk->sent < chunk->count) {
      ssize_t sent = send(
        way->to, chunk->bytes + chunk->sent, chunk->count - chunk->sent, MSG_NOSIGNAL);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (sent < 0) break;  // The reader is gone, and its other direction says so.
      chunk->sent += (size_t)sent;
    }
    way->first = chunk->next;
    free(chunk);
  }
}

static void accept_link(int pair) {
  int client = accept4(pairs[pair].listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (client < 0) return;
  int server = linkCount < mostLinks ? unix_socket(pairs[pair].target, false) : -1;
  if (server < 0) {
    close(client);
    return;
  }
  struct link *link = calloc(1, sizeof *link);
  if (link == NULL) fail("calloc");
  link->pair = pair;
  link->up = (struct way){.from = client, .to = server};
  link->down = (struct way){.from = server, .to = client};
  links[linkCount++] = link;
}

static void drop_closed_links(void) {
  int kept = 0;
  for (int index = 0; index < linkCount; index++) {
    struct link *link = links[index];
    // With no reader left, what a daemon still says need not arrive.
    if (!link->down.closed && !(link->up.closed && link->down.first == NULL)) {
      links[kept++] = link;
      continue;
    }
    close(link->up.from);
    close(link->up.to);
    struct way *ways[] = {&link->up, &link->down};
    for (int way = 0; way < 2; way++) {
      for (struct chunk *chunk = ways[way]->first, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        free(chunk);
      }
    }
    free(link);
  }
  linkCount = kept;
}

// Fills in what `way` waits for: bytes to take, or room for bytes that are due.
static void watch(const struct way *way, struct pollfd *in, struct pollfd *out, uint64_t *next) {
  if (way->ended) in->events &= ~POLLIN;
  if (way->first == NULL) return;
  if (way->first->due <= now()) out->events |= POLLOUT;
  else if (way->first->due < *next) *next = way->first->due;
}

static void forward(int command) {
  uint64_t next = UINT64_MAX;
  polls[0] = (struct pollfd){.fd = command, .events = POLLIN};
  for (int pair = 0; pair < pairCount; pair++)
    polls[1 + pair] = (struct pollfd){.fd = pairs[pair].listener, .events = POLLIN};
  struct pollfd *ends = polls + 1 + pairCount;
  int count = linkCount;
  for (int index = 0; index < count; index++) {
    struct pollfd *client = ends + 2 * index, *server = client + 1;
    *client = (struct pollfd){.fd = links[index]->up.from, .events = POLLIN};
    *server = (struct pollfd){.fd = links[index]->up.to, .events = POLLIN};
    watch(&links[index]->up, client, server, &next);
    watch(&links[index]->down, server, client, &next);
    // poll reports a hang-up whatever it is asked for; an end that was seen needs no more reports.
    if (client->events == 0) client->fd = -1;
    if (server->events == 0) server->fd = -1;
  }
  struct timespec wait = {0};
  uint64_t time = now();
  if (next != UINT64_MAX && next > time)
    wait = (struct timespec){(next - time) / 1000000000, (next - time) % 1000000000};
  struct timespec *most = next == UINT64_MAX ? NULL : &wait;
  if (ppoll(polls, (nfds_t)(1 + pairCount + 2 * count), most, NULL) < 0 && errno != EINTR)
    fail("ppoll");
  for (int index = 0; index < count; index++) {
    struct link *link = links[index];
    if (ends[2 * index].revents & ~POLLOUT && !link->up.ended) take(link, &link->up);
    if (ends[2 * index + 1].revents & ~POLLOUT && !link->down.ended) take(link, &link->down);
    give(&link->up);
    give(&link->down);
  }
  for (int pair = 0; pair < pairCount; pair++)
    if (polls[1 + pair].revents) accept_link(pair);
  drop_closed_links();
}

static void write_calls(const char *path) {
  FILE *file = fopen(path, "w");
  if (file == NULL) fail(path);
  fprintf(file, "%lu\n", calls);
  for (int procedure = 0; procedure < mostProcedures; procedure++)
    if (procedures[procedure] > 0) fprintf(file, "%d %lu\n", procedure, procedures[procedure]);
  fclose(file);
}

int main(int argc, char **argv) {
  const char *file = NULL;
  for (int option; (option = getopt(argc, argv, "+d:c:u:")) != -1;) {
    if (option == 'd') delay = strtoull(optarg, NULL, 10) * 1000000;
    else if (option == 'c') file = optarg;
    else if (option == 'u' && strlen(optarg) == uuidLength) uuid = optarg;
    else return 64;
  }
  int at = optind;
  for (; at + 1 < argc && strcmp(argv[at], "--") != 0; at += 2, pairCount++) {
    if (pairCount == mostPairs) return 64;
    pairs[pairCount].listener = unix_socket(argv[at], true);
    pairs[pairCount].target = argv[at + 1];
  }
  if (pairCount == 0 || at + 1 >= argc) return 64;
  pid_t child = fork();
  if (child == 0) {
    execvp(argv[at + 1], argv + at + 1);
    fail(argv[at + 1]);
  }
  int command = child > 0 ? pidfd_open(child, 0) : -1, status = 0;
  if (command < 0) fail("fork");
  while (waitpid(child, &status, WNOHANG) == 0) forward(command);
  for (int pair = 0, path = optind; pair < pairCount; pair++, path += 2) unlink(argv[path]);
  if (file != NULL) write_calls(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}
