/* Fails the N-th system call that writes below one directory: preloaded into a command and every git it starts.
 *
 * FAULT_ROOT   the directory (absolute, without links)
 * FAULT_STATE  a file of four 32-bit integers, shared by all processes: calls so far, the call that fails (0: none),
 *              errno, and whether all later calls fail too (a full disk stays full)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_FILES 4096

static int *state;
static char root[PATH_MAX];
static size_t root_length;
static unsigned char watched[MOST_FILES];

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("FAULT_STATE"), *where = getenv("FAULT_ROOT");
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    if (!file || !where)
        return;
    int fd = real(file, O_RDWR);
    if (fd < 0)
        return;
    void *shared = mmap(NULL, 4 * sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (shared == MAP_FAILED)
        return;
    state = shared;
    snprintf(root, sizeof root, "%s", where);
    root_length = strlen(root);
}

static int is_below(const char *path) {
    char whole[PATH_MAX * 2];
    if (!state || !path)
        return 0;
    if (path[0] != '/') {
        char here[PATH_MAX];
        if (!getcwd(here, sizeof here))
            return 0;
        snprintf(whole, sizeof whole, "%s/%s", here, path);
        path = whole;
    }
    return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static int fails(void) {
    int number = __sync_add_and_fetch(&state[0], 1);
    if (state[1] && (number == state[1] || (state[3] && number > state[1]))) {
        errno = state[2];
        return 1;
    }
    return 0;
}

static int is_watched(int fd) { return state && fd >= 0 && fd < MOST_FILES && watched[fd]; }

static void watch(int fd, int on) {
    if (fd >= 0 && fd < MOST_FILES)
        watched[fd] = (unsigned char)on;
}

#define REAL(result, name, ...) result (*real)(__VA_ARGS__) = dlsym(RTLD_NEXT, #name)

#define OPENING(name)                                                          \
    int name(const char *path, int flags, ...) {                               \
        REAL(int, name, const char *, int, ...);                               \
        mode_t mode = 0;                                                       \
        if (flags & (O_CREAT | O_TMPFILE)) {                                   \
            va_list list;                                                      \
            va_start(list, flags);                                             \
            mode = va_arg(list, mode_t);                                       \
            va_end(list);                                                      \
        }                                                                      \
        int writes = (flags & O_ACCMODE) != O_RDONLY && is_below(path);        \
        if (writes && fails())                                                 \
            return -1;                                                         \
        int fd = real(path, flags, mode);                                      \
        if (fd >= 0)                                                           \
            watch(fd, writes);                                                 \
        return fd;                                                             \
    }
OPENING(open)
OPENING(open64)

#define OPENING_AT(name)                                                       \
    int name(int folder, const char *path, int flags, ...) {                   \
        REAL(int, name, int, const char *, int, ...);                          \
        mode_t mode = 0;                                                       \
        if (flags & (O_CREAT | O_TMPFILE)) {                                   \
            va_list list;                                                      \
            va_start(list, flags);                                             \
            mode = va_arg(list, mode_t);                                       \
            va_end(list);                                                      \
        }                                                                      \
        int writes = (flags & O_ACCMODE) != O_RDONLY && is_below(path);        \
        if (writes && fails())                                                 \
            return -1;                                                         \
        int fd = real(folder, path, flags, mode);                              \
        if (fd >= 0)                                                           \
            watch(fd, writes);                                                 \
        return fd;                                                             \
    }
OPENING_AT(openat)
OPENING_AT(openat64)

ssize_t write(int fd, const void *buffer, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    return is_watched(fd) && fails() ? -1 : real(fd, buffer, size);
}

ssize_t pwrite64(int fd, const void *buffer, size_t size, off64_t at) {
    REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
    return is_watched(fd) && fails() ? -1 : real(fd, buffer, size, at);
}

#define ON_FILE(name)                                                          \
    int name(int fd) {                                                         \
        REAL(int, name, int);                                                  \
        return is_watched(fd) && fails() ? -1 : real(fd);                      \
    }
ON_FILE(fsync)
ON_FILE(fdatasync)

int close(int fd) {
    REAL(int, close, int);
    int failed = is_watched(fd) && fails();
    int error = errno;
    watch(fd, 0);
    int result = real(fd); /* the file is closed in any case, as Linux does */
    if (failed) {
        errno = error;
        return -1;
    }
    return result;
}

int ftruncate64(int fd, off64_t size) {
    REAL(int, ftruncate64, int, off64_t);
    return is_watched(fd) && fails() ? -1 : real(fd, size);
}

#define ON_TWO_PATHS(name)                                                     \
    int name(const char *from, const char *to) {                               \
        REAL(int, name, const char *, const char *);                           \
        return is_below(to) && fails() ? -1 : real(from, to);                  \
    }
ON_TWO_PATHS(rename)
ON_TWO_PATHS(link)
ON_TWO_PATHS(symlink)

#define ON_PATH(name)                                                          \
    int name(const char *path) {                                               \
        REAL(int, name, const char *);                                         \
        return is_below(path) && fails() ? -1 : real(path);                    \
    }
ON_PATH(unlink)
ON_PATH(rmdir)

#define ON_PATH_AND_MODE(name)                                                 \
    int name(const char *path, mode_t mode) {                                  \
        REAL(int, name, const char *, mode_t);                                 \
        return is_below(path) && fails() ? -1 : real(path, mode);              \
    }
ON_PATH_AND_MODE(mkdir)
ON_PATH_AND_MODE(chmod)

int mkstemp64(char *template) {
    REAL(int, mkstemp64, char *);
    int below = is_below(template);
    if (below && fails())
        return -1;
    int fd = real(template);
    if (fd >= 0)
        watch(fd, below);
    return fd;
}

int sync_file_range(int fd, off64_t at, off64_t size, unsigned int flags) {
    REAL(int, sync_file_range, int, off64_t, off64_t, unsigned int);
    return is_watched(fd) && fails() ? -1 : real(fd, at, size, flags);
}

FILE *fopen64(const char *path, const char *mode) {
    REAL(FILE *, fopen64, const char *, const char *);
    return strpbrk(mode, "wa+") && is_below(path) && fails() ? NULL : real(path, mode);
}
