/// Which plugin's code runs on a thread, and one line in its name when that code stops the process.
///
/// C, because a signal handler may do very little: no allocation, no locks, nothing of Swift's runtime.
#pragma once

/// The label of the plugin whose code runs on this thread, such as "head `contour`"; NULL outside of plugins.
const char *seg_running_plugin(void);
/// Sets it. The label is never freed. Gives the thread a stack for the signals of ``seg_install_crash_line``, so that a
/// endless recursion is reported on any thread.
void seg_set_running_plugin(const char *label);

/// Makes SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE and SIGABRT end the process with one line on standard error and exit
/// code 1, in place of whatever handled them before.
void seg_install_crash_line(void);

/// Claims the right to have the last word: 1 for the first caller of the process, for all others 0.
int seg_claim_last_word(void);
