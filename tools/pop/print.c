// SPDX-License-Identifier: GPL-2.0
/* Output as text or JSON from one description: see print.h. */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pop.h"
#include "print.h"

#define DEPTH_MAX	8

/*
 * The array of all objects is at the bottom of the stack, and what is being
 * described at its top. Text has no stack, only a depth.
 */
static struct {
	bool json;
	bool pretty;
	bool stream;
	unsigned int depth;
	json_t *stack[DEPTH_MAX];
} out;

void print_setup(bool json, bool pretty)
{
	out.json = json;
	out.pretty = pretty;
	if (json)
		out.stack[0] = json_array();
}

bool print_is_json(void)
{
	return out.json;
}

void print_finish(void)
{
	if (!out.json)
		return;
	if (!out.stream) {
		json_dumpf(out.stack[0], stdout,
			   out.pretty ? JSON_INDENT(4) : JSON_COMPACT);
		putchar('\n');
	}
	json_decref(out.stack[0]);
}

/* Print the objects that are there, a line each, and forget them. */
static void print_lines(void)
{
	json_t *object;
	size_t i;

	json_array_foreach(out.stack[0], i, object) {
		json_dumpf(object, stdout, JSON_COMPACT);
		putchar('\n');
	}
	json_array_clear(out.stack[0]);
}

void print_stream(void)
{
	out.stream = true;
	if (out.json)
		print_lines();
}

void print_help(const char *text)
{
	print_stream();
	fputs(text, stdout);
}

/* Takes the reference to @value. */
static void add(const char *key, json_t *value)
{
	json_t *top = out.stack[out.depth];

	if (json_is_array(top))
		json_array_append_new(top, value);
	else
		json_object_set_new(top, key, value);
}

/* The container that holds @value keeps it alive while it is on the stack. */
static void push(const char *key, json_t *(*new)(void))
{
	json_t *value;

	if (out.depth + 1 >= DEPTH_MAX)
		abort();
	if (out.json) {
		value = new();
		add(key, value);
		out.stack[out.depth + 1] = value;
	}
	out.depth++;
}

void print_open_object(void)
{
	push(NULL, json_object);
}

void print_close_object(void)
{
	out.depth--;
	if (out.depth)
		return;
	if (!out.json)
		putchar('\n');
	else if (out.stream)
		print_lines();
}

void print_open_array(const char *key, const char *text)
{
	push(key, json_array);
	if (!out.json && text)
		fputs(text, stdout);
}

void print_close_array(void)
{
	out.depth--;
}

/* Bytes of the character at @text, or zero when jansson takes it for none. */
static size_t utf8_len(const char *text)
{
	size_t len, max = strnlen(text, 4);
	json_t *string;

	for (len = 1; len <= max; len++) {
		string = json_stringn(text, len);
		json_decref(string);
		if (string)
			return len;
	}
	return 0;
}

/*
 * JSON is UTF-8, and the name of a file need not be: each byte that is not part
 * of it becomes U+FFFD.
 */
static json_t *replaced_string(const char *value)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char *text = malloc(strlen(replacement) * strlen(value) + 1);
	char *to = text;
	json_t *string;
	size_t len;

	if (!text)
		abort();
	while (*value) {
		len = utf8_len(value);
		to = len ? mempcpy(to, value, len) : stpcpy(to, replacement);
		value += len ? len : 1;
	}
	string = json_stringn(text, to - text);
	free(text);
	return string;
}

void print_string(const char *key, const char *fmt, const char *value)
{
	json_t *string;
	char *text;

	if (out.json && key) {
		string = json_string(value);
		add(key, string ? string : replaced_string(value));
	} else if (!out.json && fmt) {
		text = strdup(value);
		if (!text)
			abort();
		pop_make_harmless(text);
		printf(fmt, text);
		free(text);
	}
}

void print_uint(const char *key, const char *fmt, unsigned int value)
{
	if (out.json) {
		if (key)
			add(key, json_integer(value));
	} else if (fmt) {
		printf(fmt, value);
	}
}

void print_u64(const char *key, const char *fmt, unsigned long long value)
{
	if (out.json) {
		if (key)
			add(key, json_integer(value));
	} else if (fmt) {
		printf(fmt, value);
	}
}

void print_bool(const char *key, const char *text_if_true, bool value)
{
	if (out.json) {
		if (key)
			add(key, json_boolean(value));
	} else if (text_if_true && value) {
		fputs(text_if_true, stdout);
	}
}

void print_hex(const char *key, const char *fmt, const void *data, size_t len)
{
	const u8 *byte = data;
	char *text = malloc(2 * len + 1);
	size_t i;

	if (!text)
		abort();
	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", byte[i]);
	text[2 * len] = '\0';
	print_string(key, fmt, text);
	free(text);
}

void print_time(const char *key, const char *fmt, u64 ns)
{
	time_t seconds = ns / 1000000000;
	char text[40];
	struct tm tm;
	size_t len;

	if (out.json) {
		print_u64(key, NULL, ns);
		return;
	}
	gmtime_r(&seconds, &tm);
	len = strftime(text, sizeof(text), "%FT%T", &tm);
	snprintf(text + len, sizeof(text) - len, ".%06uZ",
		 (unsigned int)(ns % 1000000000 / 1000));
	print_string(NULL, fmt, text);
}

void print_newline(unsigned int indent)
{
	if (out.json)
		return;
	if (out.stream) {
		putchar(' ');
		return;
	}
	putchar('\n');
	while (indent--)
		putchar('\t');
}
