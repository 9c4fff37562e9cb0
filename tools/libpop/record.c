// SPDX-License-Identifier: GPL-2.0
/* Records of text: see record.h. */

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "record.h"

static int fail_here(struct pop_reader *reader, struct pop_error *err,
		     const char *message, const char *word)
{
	return pop_fail(err, -EINVAL, "%s:%u:1: %s%s", reader->path,
			reader->line, message, word);
}

/* Step over "@word " at the start of a line. */
static bool take_word(struct pop_reader *reader, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(reader->pos, word, len) || reader->pos[len] != ' ')
		return false;
	reader->pos += len + 1;
	return true;
}

static int take_value(struct pop_reader *reader, const struct pop_field *field,
		      const char *end, struct pop_error *err)
{
	size_t len = end - reader->pos, got;
	const char *stop;

	if (!field->len) {
		if (!pop_name_valid(reader->pos, len))
			return fail_here(reader, err, "bad name behind ",
					 field->word);
		memset(field->value, 0, POP_NAME_LEN);
		memcpy(field->value, reader->pos, len);
		return 0;
	}
	if (sodium_hex2bin(field->value, field->len, reader->pos, len, NULL,
			   &got, &stop) ||
	    stop != end || got != field->len)
		return pop_fail(err, -EINVAL,
				"%s:%u:1: %u hexadecimal digits are wanted behind %s",
				reader->path, reader->line, 2 * field->len,
				field->word);
	return 0;
}

int pop_record_read(struct pop_reader *reader, const char *kind,
		    const struct pop_field *fields, u32 nr,
		    struct pop_error *err)
{
	const char *end;
	u32 i;
	int ret;

	if (!take_word(reader, kind))
		return fail_here(reader, err, "this is no ", kind);
	/* what an editor or a mail program makes of a file */
	if (!strncmp(reader->pos, "1\r", 2))
		return fail_here(reader, err,
				 "a carriage return ends the line; only a line feed may",
				 "");
	if (strncmp(reader->pos, "1\n", 2))
		return fail_here(reader, err, "unknown version of ", kind);
	reader->pos += 2;
	reader->line++;

	for (i = 0; i < nr; i++) {
		end = strchr(reader->pos, '\n');
		if (!end || !take_word(reader, fields[i].word))
			return fail_here(reader, err,
					 "here is a line missing with ",
					 fields[i].word);
		ret = take_value(reader, &fields[i], end, err);
		if (ret)
			return ret;
		reader->pos = end + 1;
		reader->line++;
	}
	return 0;
}

int pop_record_file_read(const char *path, bool secret, const char *kind,
			 const struct pop_field *fields, u32 nr,
			 struct pop_error *err)
{
	struct pop_reader reader = { .path = path, .line = 1 };
	struct pop_buffer buf;
	int ret;

	ret = pop_file_read(&buf, path, POP_RECORD_MAX, secret, err);
	if (ret)
		return ret;
	reader.pos = buf.data;
	ret = pop_record_read(&reader, kind, fields, nr, err);
	if (!ret && reader.pos != buf.data + buf.len)
		ret = fail_here(&reader, err, "more lines than make a ", kind);
	pop_buffer_free(&buf);
	return ret;
}

size_t pop_record_format(char text[POP_RECORD_MAX], const char *kind,
			 const struct pop_field *fields, u32 nr)
{
	size_t len;
	u32 i;

	len = sprintf(text, "%s 1\n", kind);
	for (i = 0; i < nr; i++) {
		len += sprintf(text + len, "%s ", fields[i].word);
		if (fields[i].len) {
			sodium_bin2hex(text + len, POP_RECORD_MAX - len,
				       fields[i].value, fields[i].len);
			len += 2 * fields[i].len;
		} else {
			len += sprintf(text + len, "%s",
				       (const char *)fields[i].value);
		}
		text[len++] = '\n';
	}
	return len;
}
