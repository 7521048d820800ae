#include "CSegMPI.h"

#ifdef SEGKIT_MPI

#include <mpi.h>
#include <sched.h>
#include <stdlib.h>

/* A message's length is an int. */
static const uint64_t largest_piece = (uint64_t)1 << 30;

static void end(void) {
    int is_over = 0;
    MPI_Finalized(&is_over);
    if (!is_over) MPI_Finalize();
}

int seg_mpi_begin(int *rank, int *count) {
    int provided = 0;
    /* One thread at a time calls, but not always the first. */
    MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided);
    /* A process that exits without leaving the others would make the launcher end all. */
    atexit(end);
    MPI_Comm_rank(MPI_COMM_WORLD, rank);
    MPI_Comm_size(MPI_COMM_WORLD, count);
    return provided < MPI_THREAD_SERIALIZED ? -1 : 0;
}

/* Waits without keeping a core from threads that compute, here or in a process that is waited for. */
static void await(MPI_Request *requests, int count) {
    int are_done = 0;
    for (;;) {
        MPI_Testall(count, requests, &are_done, MPI_STATUSES_IGNORE);
        if (are_done) return;
        sched_yield();
    }
}

void seg_mpi_exchange_numbers(const uint64_t *given, uint64_t *taken, int count) {
    (void)count;
    MPI_Request request;
    MPI_Ialltoall(given, 1, MPI_UINT64_T, taken, 1, MPI_UINT64_T, MPI_COMM_WORLD, &request);
    await(&request, 1);
}

static uint64_t pieces(const uint64_t *sizes, int rank, int count) {
    uint64_t sum = 0;
    for (int p = 0; p < count; p++)
        if (p != rank) sum += (sizes[p] + largest_piece - 1) / largest_piece;
    return sum;
}

void seg_mpi_exchange(const void *const *given, const uint64_t *given_sizes, void *const *taken,
                      const uint64_t *taken_sizes, int rank, int count) {
    uint64_t total = pieces(given_sizes, rank, count) + pieces(taken_sizes, rank, count);
    if (total == 0) return;
    MPI_Request *requests = malloc(total * sizeof *requests);
    if (!requests) MPI_Abort(MPI_COMM_WORLD, 1);
    int begun = 0;
    for (int p = 0; p < count; p++) {
        if (p == rank) continue;
        for (uint64_t start = 0; start < taken_sizes[p]; start += largest_piece) {
            uint64_t left = taken_sizes[p] - start;
            MPI_Irecv((char *)taken[p] + start, (int)(left < largest_piece ? left : largest_piece), MPI_BYTE, p, 0,
                      MPI_COMM_WORLD, &requests[begun++]);
        }
    }
    for (int p = 0; p < count; p++) {
        if (p == rank) continue;
        for (uint64_t start = 0; start < given_sizes[p]; start += largest_piece) {
            uint64_t left = given_sizes[p] - start;
            MPI_Isend((const char *)given[p] + start, (int)(left < largest_piece ? left : largest_piece), MPI_BYTE, p, 0,
                      MPI_COMM_WORLD, &requests[begun++]);
        }
    }
    await(requests, begun);
    free(requests);
}

#endif
