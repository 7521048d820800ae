#pragma once

#include <stddef.h>
#include <stdint.h>

/* MPI for Swift, which cannot import its constants: they are macros with casts. They are there only with the package's trait
   MPI.

   What goes wrong in MPI ends all processes of the job with MPI's own message, as is its default. */

/* Joins the processes that the launcher started, and leaves them when this one exits. Once in a process. Returns 0, or -1 if the
   library cannot be called from other threads than the first. */
int seg_mpi_begin(int *rank, int *count);

/* Gives one number to every process and takes one of each. All processes call it. */
void seg_mpi_exchange_numbers(const uint64_t *given, uint64_t *taken, int count);

/* Gives `given_sizes[p]` bytes to process p and takes `taken_sizes[p]` bytes from it, for every p but this process itself. All
   processes call it, with sizes that fit each other's. */
void seg_mpi_exchange(const void *const *given, const uint64_t *given_sizes, void *const *taken,
                      const uint64_t *taken_sizes, int rank, int count);
