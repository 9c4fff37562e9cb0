// SPDX-License-Identifier: GPL-2.0
/* Scalars of the contract language: names, numbers, durations, sizes. */

#include <errno.h>
#include <string.h>

#include "doc.h"

int doc_name(const struct doc *doc, const struct doc_node *node,
	     const char *what, struct pop_error *err)
{
	int ret;

	ret = doc_expect(doc, node, what, DOC_SCALAR, err);
	if (ret)
		return ret;
	if (strlen(node->text) >= POP_NAME_LEN)
		return doc_fail(doc, node, err,
				"%s \"%s\" is longer than %u characters", what,
				node->text, POP_NAME_LEN - 1);
	if (!pop_name_valid(node->text, strlen(node->text)))
		return doc_fail(doc, node, err,
				"%s \"%s\" may have a-z, 0-9, '-', '_' and '.' only",
				what, node->text);
	return 0;
}

static bool is_plain(const struct doc_node *node)
{
	return node->type == DOC_SCALAR && node->plain;
}

int doc_bool(const struct doc *doc, const struct doc_node *node, bool *value,
	     struct pop_error *err)
{
	if (is_plain(node)) {
		*value = !strcmp(node->text, "true");
		if (*value || !strcmp(node->text, "false"))
			return 0;
	}
	return doc_fail(doc, node, err, "true or false is wanted here");
}

/*
 * Step over a decimal number without leading zeroes. Return: false when there
 * is none. What is too large for anybody becomes the largest number.
 */
static bool take_number(const char **text, u64 *value)
{
	const char *p = *text;
	u64 number = 0;

	if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9'))
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *p - '0', &number))
			number = UINT64_MAX;
	*text = p;
	*value = number;
	return true;
}

int doc_number(const struct doc *doc, const struct doc_node *node, u32 min,
	       u32 max, u32 *value, struct pop_error *err)
{
	const char *p = node->text;
	u64 number;

	if (!is_plain(node) || !take_number(&p, &number) || *p)
		return doc_fail(doc, node, err, "a number is wanted here");
	if (number < min || number > max)
		return doc_fail(doc, node, err, "%s is not within %u..%u",
				node->text, min, max);
	*value = number;
	return 0;
}

int doc_duration(const struct doc *doc, const struct doc_node *node, u64 max,
		 u64 *seconds, struct pop_error *err)
{
	static const char units[] = "dhms";
	static const u32 factor[] = { 24 * 60 * 60, 60 * 60, 60, 1 };
	const char *p = node->text, *unit = units;
	u64 number, total = 0;

	if (!is_plain(node))
		goto unclear;
	do {
		if (!take_number(&p, &number))
			goto unclear;
		/* from the larger unit to the smaller, each once */
		while (*unit && *unit != *p)
			unit++;
		if (!*unit)
			goto unclear;
		if (__builtin_mul_overflow(number, factor[unit - units],
					   &number) ||
		    __builtin_add_overflow(total, number, &total))
			total = UINT64_MAX;
		unit++;
		p++;
	} while (*p);
	if (total > max)
		return doc_fail(doc, node, err, "%s is too long", node->text);
	*seconds = total;
	return 0;

unclear:
	return doc_fail(doc, node, err,
			"a duration is wanted here, like 30s, 8h or 1h30m");
}

int doc_size(const struct doc *doc, const struct doc_node *node, u32 max,
	     u32 *bytes, struct pop_error *err)
{
	const char *p = node->text;
	u64 number, factor = 1;

	if (!is_plain(node) || !take_number(&p, &number))
		goto unclear;
	if (*p == 'K')
		factor = 1 << 10;
	if (*p == 'M')
		factor = 1 << 20;
	if (factor > 1)
		p++;
	if (*p)
		goto unclear;
	if (!number)
		return doc_fail(doc, node, err,
				"a message needs room for a byte");
	if (number > max / factor)
		return doc_fail(doc, node, err,
				"%s is too large; %u bytes are possible",
				node->text, max);
	*bytes = number * factor;
	return 0;

unclear:
	return doc_fail(doc, node, err,
			"a size is wanted here, like 1200, 64K or 16M");
}

int doc_word(const struct doc *doc, const struct doc_node *node,
	     const char * const *words, u32 nr, u8 *index,
	     struct pop_error *err)
{
	char known[128] = "";
	size_t len = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		if (node->type == DOC_SCALAR && !strcmp(node->text, words[i])) {
			*index = i;
			return 0;
		}
		len += snprintf(known + len, sizeof(known) - len, "%s%s",
				i ? " or " : "", words[i]);
	}
	return doc_fail(doc, node, err, "%s is wanted here", known);
}
