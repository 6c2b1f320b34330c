/* The job itself is plain data that its owner writes to; what is here is the
 * one thing that several rooms do to it in the same way. */
#include <imgmill/job.h>

struct mill_job *
mill_job_fail(struct mill_job *job, const struct mill_err *err)
{
    job->end = MILL_END_FAILED;
    job->err = *err;
    return job;
}
