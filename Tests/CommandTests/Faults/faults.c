// System calls that fail, for tests: preloaded into a program, so that nothing of it has to know.
//
// Only files under FAULT_UNDER are concerned. Every call that writes, makes or renames one is counted, and written to
// FAULT_LOG as `number function path`. Call number FAULT_AT fails with the error FAULT_CODE; of a write, half of the bytes
// reach the file first. With FAULT_GENTLE nothing fails for good, but every read and write is interrupted once (EINTR), and
// then moves a part of its bytes only.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

#define REAL(name, result, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void prepare(void) {
    under = getenv("FAULT_UNDER");
    failing = getenv("FAULT_AT") ? atoi(getenv("FAULT_AT")) : 0;
    code = getenv("FAULT_CODE") ? atoi(getenv("FAULT_CODE")) : EIO;
    gentle = getenv("FAULT_GENTLE") != NULL;
    REAL(open, int, const char *, int, ...);
    const char *log = getenv("FAULT_LOG");
    if (log) log_file = real(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
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

int ftruncate(int descriptor, off_t length) {
    REAL(ftruncate, int, int, off_t);
    if (isTracked(descriptor) && fails("ftruncate", paths[descriptor])) return -1;
    return real(descriptor, length);
}
