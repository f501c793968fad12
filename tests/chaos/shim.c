/* Stands before the C library in one process: a wall clock that is wrong, and calls that fail.
 *
 * CHAOS_CLOCK names a file with the nanoseconds, 8 bytes, that are added to the wall clock; it is
 * mapped, so that the clock can step while the process runs. CHAOS_CALL has five words: a call,
 * an errno, the first to fail, how many do, and the folder below which its files lie. Every call
 * that fails is told on stderr. 64-bit Linux only.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define UPTIME_MAX 1000000000LL /* seconds: what is less is no time of the wall clock */

static const long long right;
static const long long *shift = &right;
static char call[16], folder[PATH_MAX];
static int error;
static long first, count;
static atomic_long seen;

__attribute__((constructor)) static void begin(void)
{
    const char *clock = getenv("CHAOS_CLOCK"), *orders = getenv("CHAOS_CALL");
    int file = clock ? open(clock, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0) {
        void *mapped = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
        if (mapped == MAP_FAILED)
            abort();
        shift = mapped;
        close(file);
    }
    const char *five = "%15s %d %ld %ld %4095s";
    if (orders && sscanf(orders, five, call, &error, &first, &count, folder) != 5)
        abort();
}

static void shifted(struct timespec *at, long long by)
{
    long long sum = at->tv_sec * SECOND + at->tv_nsec + by;
    at->tv_sec = sum / SECOND;
    at->tv_nsec = sum % SECOND;
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
    int done = (int)syscall(SYS_clock_gettime, clock, at);
    if (!done && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        shifted(at, *shift);
    return done;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    at->tv_sec = exact.tv_sec;
    at->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (at)
        *at = exact.tv_sec;
    return exact.tv_sec;
}

/* A deadline by the wrong clock, as the kernel's clock has it. */
int pthread_cond_timedwait(
    pthread_cond_t *restrict wait, pthread_mutex_t *restrict held,
    const struct timespec *restrict until)
{
    struct timespec deadline = *until;
    if (deadline.tv_sec < UPTIME_MAX)
        return pthread_cond_clockwait(wait, held, CLOCK_MONOTONIC, &deadline);
    shifted(&deadline, -*shift);
    return pthread_cond_clockwait(wait, held, CLOCK_REALTIME, &deadline);
}

/* Whether this call fails, by our orders. RocksDB's diary, LOG, is of no consequence. */
static int fails(const char *name, const char *path)
{
    size_t length = strlen(folder);
    if (strcmp(name, call) || strncmp(path, folder, length))
        return 0;
    const char *file = strrchr(path, '/');
    if (file && !strncmp(file, "/LOG", 4))
        return 0;
    long now = atomic_fetch_add(&seen, 1) + 1;
    if (now < first || now >= first + count)
        return 0;
    dprintf(STDERR_FILENO, "chaos: %s of %s: %s\n", name, path + length, strerrorname_np(error));
    errno = error;
    return 1;
}

static int fails_at(const char *name, int file)
{
    if (strcmp(name, call))
        return 0;
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return fails(name, path);
}

ssize_t write(int file, const void *bytes, size_t size)
{
    return fails_at("write", file) ? -1 : syscall(SYS_write, file, bytes, size);
}

int fsync(int file)
{
    return fails_at("fsync", file) ? -1 : (int)syscall(SYS_fsync, file);
}

int fdatasync(int file)
{
    return fails_at("fdatasync", file) ? -1 : (int)syscall(SYS_fdatasync, file);
}

int rename(const char *from, const char *to)
{
    if (fails("rename", from))
        return -1;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
    return fails("unlink", path) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
