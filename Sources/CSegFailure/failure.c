#include "CSegFailure.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Thread_local const char *running_plugin = NULL;
static _Thread_local int has_signal_stack = 0;
static pthread_key_t signal_stack;
static atomic_flag last_word = ATOMIC_FLAG_INIT;
// Whether signals are reported in one line, and threads get stacks for it.
static atomic_int is_installed = 0;
// A progress line under way is erased before the message where it would stand on the same line.
static int is_terminal = 0;

const char *seg_running_plugin(void) { return running_plugin; }

// A recursion without end leaves no stack for its signal's handler, and each thread needs another of its own: threads that
// run plugins are also those of the system's pools, which nobody here starts.
static void give_signal_stack(void) {
    has_signal_stack = 1;
    stack_t stack = {.ss_size = 1 << 16};
    stack.ss_sp = malloc(stack.ss_size);
    if (!stack.ss_sp) return;
    if (sigaltstack(&stack, NULL) != 0 || pthread_setspecific(signal_stack, stack.ss_sp) != 0) {
        stack_t none = {.ss_flags = SS_DISABLE};
        sigaltstack(&none, NULL);
        free(stack.ss_sp);
    }
}

// At the end of a thread.
static void take_signal_stack(void *memory) {
    stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&none, NULL);
    free(memory);
}

void seg_set_running_plugin(const char *label) {
    if (!has_signal_stack && atomic_load_explicit(&is_installed, memory_order_acquire)) give_signal_stack();
    running_plugin = label;
}

int seg_claim_last_word(void) { return !atomic_flag_test_and_set(&last_word); }

typedef struct {
    char text[768];
    size_t length;
} line;

static void append(line *l, const char *text) {
    // Room is left for the newline.
    for (; *text && l->length < sizeof l->text - 1; text++) l->text[l->length++] = *text;
}

static const char *cause(int signal) {
    switch (signal) {
    case SIGILL:
    case SIGTRAP:
        return "a check of the language failed: an index out of range, a nil that was unwrapped, an overflow or the like";
    case SIGSEGV: return "memory was used that it does not have: a recursion without end, or an unsafe pointer";
    case SIGBUS: return "memory was used that is not there: an unsafe pointer, or a mapped file that was cut";
    case SIGFPE: return "an arithmetic trap, such as a division by zero";
    case SIGABRT: return "it was aborted";
    }
    return "a signal";
}

static void tell_and_end(int signal) {
    // Swift's runtime aborts where memory is refused, which no code of ours can catch; the refusal's number stays.
    int is_memory = signal == SIGABRT && errno == ENOMEM;
    if (!seg_claim_last_word()) {
        // Another thread is telling, and about to end the process.
        for (;;) pause();
    }
    line l = {.length = 0};
    if (is_terminal) append(&l, "\r\033[K");
    append(&l, "error: ");
    if (is_memory) {
        append(&l, "out of memory");
        if (running_plugin) {
            append(&l, ", in ");
            append(&l, running_plugin);
        }
        append(
            &l,
            "; choose a smaller batchSize, imageSize, width or depth or fewer --threads, or end other programs; files "
            "are whole, as they were before"
        );
    } else if (running_plugin) {
        append(&l, running_plugin);
        append(&l, ": its code was stopped (");
        append(&l, cause(signal));
        append(&l, "); a debug build names the line, and SEGKIT_BACKTRACE=1 shows the calls");
    } else {
        append(&l, "the program: it was stopped (");
        append(&l, cause(signal));
        append(&l, "); run it again with SEGKIT_BACKTRACE=1 and report what it prints");
    }
    l.text[l.length++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, l.text, l.length);
    (void)ignored;
    _exit(1);
}

void seg_install_crash_line(void) {
    static atomic_flag is_begun = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&is_begun)) return;
    is_terminal = isatty(STDERR_FILENO);
    if (pthread_key_create(&signal_stack, take_signal_stack) == 0) {
        give_signal_stack();
        atomic_store_explicit(&is_installed, 1, memory_order_release);
    }
    const int signals[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = tell_and_end;
    action.sa_flags = SA_ONSTACK;
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) sigaction(signals[i], &action, NULL);
}
