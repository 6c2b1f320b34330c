/* evil_escapes: what the evil codec does to get out of its worker. Each tries,
 * and then fails the image: as MILL_DAMAGED with what it was answered when all
 * was refused, as MILL_INTERNAL when it got out. */
#ifndef EVIL_ESCAPES_H
#define EVIL_ESCAPES_H

#include <imgmill/base.h>

enum mill_status evil_open(const char *folder, struct mill_err *err);
enum mill_status evil_socket(const char *argument, struct mill_err *err);
enum mill_status evil_exec(const char *argument, struct mill_err *err);
enum mill_status evil_fork(const char *argument, struct mill_err *err);
enum mill_status evil_kill_parent(const char *argument, struct mill_err *err);
enum mill_status evil_flood(const char *argument, struct mill_err *err);
enum mill_status evil_fdpass(const char *argument, struct mill_err *err);
enum mill_status evil_grab(const char *argument, struct mill_err *err);
/* Comes back when it has spoilt n bytes of each half of the window once, and
 * keeps a thread that goes on. Behind half a picture, whose PNG shows where. */
enum mill_status evil_remember(const char *n, struct mill_err *err);

#endif
