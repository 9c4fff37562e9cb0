/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output of the pop tool: one description of an object, as text or as JSON.
 *
 *	print_open_object();
 *	print_string("name", "contract %s", name);
 *	print_uint("phase", " phase %u", phase);
 *	print_close_object();
 *
 * prints a line of text, or with -j adds an object to the array that the
 * tool prints at its end. A format of NULL leaves a value out of the text, a
 * key of NULL leaves it out of the JSON. Formats take one value; they are
 * given by the code and never by a user. Values in an array have a key of "".
 *
 * Keys are written with underscores and are the same over all commands.
 */
#ifndef _POP_TOOL_PRINT_H
#define _POP_TOOL_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* How; set by main() before anything is printed. */
void print_setup(bool json, bool pretty);

/* Is the output JSON? For the rare text that is no object: a table's head. */
bool print_is_json(void);

/* The end: print the JSON array. */
void print_finish(void);

/*
 * From now on, an object is a line of a stream rather than one of an array:
 * printed when it is closed, and those before it at once. For monitor.
 */
void print_stream(void);

/* Usage, which is no object: the output is no array then, but a stream. */
void print_help(const char *text);

/* Close ends the line of text when the object is not within another one. */
void print_open_object(void);
void print_close_object(void);

/* Array within an object; @text is printed as it is, or NULL. */
void print_open_array(const char *key, const char *text);
void print_close_array(void);

/* Bytes of @value that could steer a terminal are replaced in text. */
void print_string(const char *key, const char *fmt, const char *value);
void print_uint(const char *key, const char *fmt, unsigned int value);
void print_u64(const char *key, const char *fmt, unsigned long long value);
void print_bool(const char *key, const char *text_if_true, bool value);

/* A hash, a key: lower-case hex digits; @fmt has a %s for them. */
void print_hex(const char *key, const char *fmt, const void *data, size_t len);

/* Nanoseconds since 1970; a number in JSON, UTC time in text (%s). */
void print_time(const char *key, const char *fmt, u64 ns);

/* Text only: new line, continued by @indent tab stops. In a stream, a space. */
void print_newline(unsigned int indent);

#endif /* _POP_TOOL_PRINT_H */
