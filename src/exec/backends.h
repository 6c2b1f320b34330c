/* The backends by name, for the table; and the parts of a descriptor that the
 * backends without workers share. */
#ifndef EXEC_BACKENDS_H
#define EXEC_BACKENDS_H

#include "lane.h"

extern const struct mill_backend exec__process, exec__openmp, exec__serial;

/* An exec with nothing of its own. */
struct mill_exec *exec__plain_open(const struct mill_exec_options *options,
                                   const struct mill_task *task,
                                   struct mill_err *err);
void exec__plain_kill(struct mill_exec *exec);
void exec__plain_close(struct mill_exec *exec);

#endif
