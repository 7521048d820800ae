// System calls that fail, for tests: preloaded into a program, so that nothing of it has to know.
//
// Only files under FAULT_UNDER are concerned. Every call that writes, makes or renames one is counted, and written to
// FAULT_LOG as `number function path`. Call number FAULT_AT fails with the error FAULT_CODE; of a write, half of the bytes
// reach the file first. With FAULT_GENTLE nothing fails for good, but every read and write is interrupted once (EINTR), and
// then moves a part of its bytes only. Of the requests for memory of FAULT_MEMORY bytes and more, number FAULT_MEMORY_AT is
// refused, and with FAULT_MEMORY_FROM all from that number on; they are noted as `number memory bytes` where nothing is to fail.
// With FAULT_LOCKS every lock fails with that error, as on a file system that does not have any.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { FILES = 4096 };

static char *paths[FILES];       // of descriptors open for writing, by number
static char reads[FILES];        // whether a descriptor is open for reading
static char interrupted[FILES];  // whether its next call goes through
static atomic_int calls;
static const char *under;
static int failing, code, gentle, log_file = -1;
static size_t memory;  // least size of the requests that are counted; none if 0
static int memory_failing, memory_from;
static atomic_int requests;

#define REAL(name, result, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void prepare(void) {
    under = getenv("FAULT_UNDER");
    failing = getenv("FAULT_AT") ? atoi(getenv("FAULT_AT")) : 0;
    code = getenv("FAULT_CODE") ? atoi(getenv("FAULT_CODE")) : EIO;
    gentle = getenv("FAULT_GENTLE") != NULL;
    memory_failing = getenv("FAULT_MEMORY_AT") ? atoi(getenv("FAULT_MEMORY_AT")) : 0;
    memory_from = getenv("FAULT_MEMORY_FROM") != NULL;
    REAL(open, int, const char *, int, ...);
    const char *log = getenv("FAULT_LOG");
    if (log) log_file = real(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    // Last, as looking a function up takes memory.
    memory = getenv("FAULT_MEMORY") ? (size_t)atoll(getenv("FAULT_MEMORY")) : 0;
}

// Whether a request for memory is refused. It must take none itself.
static int refuses(size_t size) {
    if (!memory || size < memory) return 0;
    int number = atomic_fetch_add(&requests, 1) + 1;
    if (log_file >= 0) {
        char line[64];
        int length = snprintf(line, sizeof line, "%d memory %zu\n", number, size);
        static ssize_t (*real)(int, const void *, size_t);
        if (!real) *(void **)&real = dlsym(RTLD_NEXT, "write");
        if (length > 0) (void)!real(log_file, line, (size_t)length);
    }
    if (number != memory_failing && !(memory_from && memory_failing && number > memory_failing)) return 0;
    errno = ENOMEM;
    return 1;
}

// The C library's own names for these, which dlsym's own requests may not go through.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) { return refuses(size) ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) {
    return size && refuses(count > (size_t)-1 / size ? (size_t)-1 : count * size) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *former, size_t size) { return refuses(size) ? NULL : __libc_realloc(former, size); }

void *aligned_alloc(size_t alignment, size_t size) { return refuses(size) ? NULL : __libc_memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (refuses(size)) return ENOMEM;
    void *place = __libc_memalign(alignment, size);
    if (!place) return ENOMEM;
    *result = place;
    return 0;
}

void *mmap(void *place, size_t size, int protection, int flags, int descriptor, off_t offset) {
    REAL(mmap, void *, void *, size_t, int, int, int, off_t);
    if (refuses(size)) return MAP_FAILED;
    return real(place, size, protection, flags, descriptor, offset);
}

static int concerns(const char *path) { return under && path && strncmp(path, under, strlen(under)) == 0; }

// Whether this call is the one to fail.
static int fails(const char *function, const char *path) {
    int number = atomic_fetch_add(&calls, 1) + 1;
    if (log_file >= 0) {
        char line[4096];
        int length = snprintf(line, sizeof line, "%d %s %s\n", number, function, path);
        REAL(write, ssize_t, int, const void *, size_t);
        if (length > 0) (void)!real(log_file, line, (size_t)length);
    }
    if (number != failing) return 0;
    errno = code;
    return 1;
}

static int opened(int descriptor, const char *path, int flags) {
    if (descriptor < 0 || descriptor >= FILES) return descriptor;
    if ((flags & O_ACCMODE) == O_RDONLY) {
        reads[descriptor] = 1;
    } else {
        free(paths[descriptor]);
        paths[descriptor] = strdup(path);
    }
    return descriptor;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list list; \
        va_start(list, flags); \
        mode_t mode = (flags & O_CREAT) ? va_arg(list, mode_t) : 0; \
        va_end(list); \
        REAL(name, int, const char *, int, ...); \
        if (!concerns(path)) return real(path, flags, mode); \
        if ((flags & O_ACCMODE) != O_RDONLY && fails("open", path)) return -1; \
        return opened(real(path, flags, mode), path, flags); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        va_list list; \
        va_start(list, flags); \
        mode_t mode = (flags & O_CREAT) ? va_arg(list, mode_t) : 0; \
        va_end(list); \
        REAL(name, int, int, const char *, int, ...); \
        if (!concerns(path)) return real(folder, path, flags, mode); \
        if ((flags & O_ACCMODE) != O_RDONLY && fails("open", path)) return -1; \
        return opened(real(folder, path, flags, mode), path, flags); \
    }
OPENAT(openat)
OPENAT(openat64)

// How many bytes go through now; 0 to be interrupted.
static size_t part(int descriptor, size_t count) {
    if (!gentle) return count;
    interrupted[descriptor] = !interrupted[descriptor];
    if (interrupted[descriptor]) return 0;
    return count > 1 ? count / 2 + 1 : count;
}

static int isTracked(int descriptor) { return descriptor >= 0 && descriptor < FILES && paths[descriptor]; }
static int isRead(int descriptor) { return descriptor >= 0 && descriptor < FILES && (reads[descriptor] || paths[descriptor]); }

ssize_t write(int descriptor, const void *bytes, size_t count) {
    REAL(write, ssize_t, int, const void *, size_t);
    if (!isTracked(descriptor)) return real(descriptor, bytes, count);
    if (fails("write", paths[descriptor])) {
        if (count > 1) (void)!real(descriptor, bytes, count / 2);
        errno = code;
        return -1;
    }
    size_t now = part(descriptor, count);
    if (count && !now) { errno = EINTR; return -1; }
    return real(descriptor, bytes, now);
}

#define PWRITE(name) \
    ssize_t name(int descriptor, const void *bytes, size_t count, off_t place) { \
        REAL(name, ssize_t, int, const void *, size_t, off_t); \
        if (!isTracked(descriptor)) return real(descriptor, bytes, count, place); \
        if (fails("pwrite", paths[descriptor])) return -1; \
        size_t now = part(descriptor, count); \
        if (count && !now) { errno = EINTR; return -1; } \
        return real(descriptor, bytes, now, place); \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t read(int descriptor, void *bytes, size_t count) {
    REAL(read, ssize_t, int, void *, size_t);
    if (!isRead(descriptor)) return real(descriptor, bytes, count);
    size_t now = part(descriptor, count);
    if (count && !now) { errno = EINTR; return -1; }
    return real(descriptor, bytes, now);
}

#define PREAD(name) \
    ssize_t name(int descriptor, void *bytes, size_t count, off_t place) { \
        REAL(name, ssize_t, int, void *, size_t, off_t); \
        if (!isRead(descriptor)) return real(descriptor, bytes, count, place); \
        size_t now = part(descriptor, count); \
        if (count && !now) { errno = EINTR; return -1; } \
        return real(descriptor, bytes, now, place); \
    }
PREAD(pread)
PREAD(pread64)

int close(int descriptor) {
    REAL(close, int, int);
    int result = 0;
    if (isTracked(descriptor)) {
        // Some file systems report a full disk here.
        result = fails("close", paths[descriptor]) ? -1 : 0;
        free(paths[descriptor]);
        paths[descriptor] = NULL;
    }
    if (descriptor >= 0 && descriptor < FILES) reads[descriptor] = 0;
    int done = real(descriptor);
    if (result) errno = code;
    return result ? result : done;
}

int fsync(int descriptor) {
    REAL(fsync, int, int);
    if (isTracked(descriptor) && fails("fsync", paths[descriptor])) return -1;
    if (gentle && isTracked(descriptor) && !part(descriptor, 1)) { errno = EINTR; return -1; }
    return real(descriptor);
}

int rename(const char *from, const char *to) {
    REAL(rename, int, const char *, const char *);
    if (concerns(to) && fails("rename", to)) return -1;
    return real(from, to);
}

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir, int, const char *, mode_t);
    if (concerns(path) && fails("mkdir", path)) return -1;
    return real(path, mode);
}

int flock(int descriptor, int operation) {
    REAL(flock, int, int, int);
    const char *locks = getenv("FAULT_LOCKS");
    if (!locks) return real(descriptor, operation);
    errno = atoi(locks);
    return -1;
}

int ftruncate(int descriptor, off_t length) {
    REAL(ftruncate, int, int, off_t);
    if (isTracked(descriptor) && fails("ftruncate", paths[descriptor])) return -1;
    return real(descriptor, length);
}
