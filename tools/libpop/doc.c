// SPDX-License-Identifier: GPL-2.0
/* The YAML subset as a tree: see doc.h. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "doc.h"

#define MAX_DEPTH 8	/* the contract language needs six */
#define MAX_FILE (256U << 20)

/* What loading a file needs: the tree holds none of it. */
struct loader {
	struct doc *doc;
	yaml_parser_t parser;
	yaml_event_t event;
	struct pop_buffer file;
	struct pop_error *err;
};

int doc_fail(const struct doc *doc, const struct doc_node *at,
	     struct pop_error *err, const char *format, ...)
{
	char message[sizeof(err->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return pop_fail(err, -EINVAL, "%s:%u:%u: %s", doc->path, at->line,
			at->column, message);
}

static struct doc_node place(yaml_mark_t mark)
{
	return (struct doc_node) {
		.line = mark.line + 1,
		.column = mark.column + 1,
	};
}

static int fail_at(struct loader *l, yaml_mark_t mark, const char *message)
{
	struct doc_node at = place(mark);

	return doc_fail(l->doc, &at, l->err, "%s", message);
}

/* libyaml knows only the byte at which the file stops to be UTF-8. */
static int fail_reader(struct loader *l)
{
	struct doc_node at = { .line = 1, .column = 1 };
	size_t i;

	for (i = 0; i < l->parser.problem_offset && i < l->file.len; i++) {
		if (l->file.data[i] == '\n') {
			at.line++;
			at.column = 1;
		} else if ((l->file.data[i] & 0xc0) != 0x80) {
			at.column++;
		}
	}
	return doc_fail(l->doc, &at, l->err, "%s", l->parser.problem);
}

static int next_event(struct loader *l)
{
	yaml_event_delete(&l->event);
	if (yaml_parser_parse(&l->parser, &l->event))
		return 0;
	switch (l->parser.error) {
	case YAML_MEMORY_ERROR:
		return pop_fail(l->err, -ENOMEM, "%s: out of memory",
				l->doc->path);
	case YAML_READER_ERROR:
		return fail_reader(l);
	default:
		return fail_at(l, l->parser.problem_mark, l->parser.problem);
	}
}

static int refuse_tag(struct loader *l, const yaml_char_t *anchor,
		      const yaml_char_t *tag)
{
	if (anchor)
		return fail_at(l, l->event.start_mark,
			       "anchors are not part of the language");
	if (tag)
		return fail_at(l, l->event.start_mark,
			       "tags are not part of the language");
	return 0;
}

static int load_scalar(struct loader *l, struct doc_node *node)
{
	const char *text = (const char *)l->event.data.scalar.value;
	size_t len = l->event.data.scalar.length;

	node->plain = l->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (memchr(text, '\0', len))
		return doc_fail(l->doc, node, l->err,
				"a zero byte in a value");
	node->text = strdup(text);
	if (!node->text)
		return pop_fail_errno(l->err, l->doc->path);
	return 0;
}

static int load_node(struct loader *l, struct doc_node *node, u32 depth);

static int load_items(struct loader *l, struct doc_node *node, u32 depth,
		      yaml_event_type_t end)
{
	struct doc_node *items;
	u32 room = 0;
	int ret;

	for (;;) {
		ret = next_event(l);
		if (ret || l->event.type == end)
			return ret;
		if (node->nr == room) {
			room = room ? 2 * room : 8;
			items = reallocarray(node->items, room, sizeof(*items));
			if (!items)
				return pop_fail_errno(l->err, l->doc->path);
			node->items = items;
		}
		/* counted first, so that a half-made item is released too */
		memset(&node->items[node->nr], 0, sizeof(*node));
		node->nr++;
		ret = load_node(l, &node->items[node->nr - 1], depth + 1);
		if (ret)
			return ret;
	}
}

static const char *key_text(const struct doc_node *mapping, u32 i)
{
	return mapping->items[i].text;
}

static int by_text(const void *a, const void *b)
{
	const struct doc_node * const *x = a, * const *y = b;
	int order = strcmp((*x)->text, (*y)->text);

	/* of two that are equal the earlier one is first */
	return order ? order : (*x < *y ? -1 : 1);
}

/* Sorted, not compared in pairs: the file may come from somebody else. */
static int refuse_duplicates(struct loader *l, const struct doc_node *node)
{
	const struct doc_node **keys, *twice = NULL;
	u32 i, nr = node->nr / 2;

	for (i = 0; i < node->nr; i += 2)
		if (node->items[i].type != DOC_SCALAR)
			return doc_fail(l->doc, &node->items[i], l->err,
					"a key must be a word");
	keys = calloc(nr + 1, sizeof(*keys));
	if (!keys)
		return pop_fail_errno(l->err, l->doc->path);
	for (i = 0; i < nr; i++)
		keys[i] = &node->items[2 * i];
	qsort(keys, nr, sizeof(*keys), by_text);
	for (i = 1; i < nr; i++)
		if (!strcmp(keys[i - 1]->text, keys[i]->text) &&
		    (!twice || keys[i] < twice))
			twice = keys[i];
	free(keys);
	if (!twice)
		return 0;
	return doc_fail(l->doc, twice, l->err, "\"%s\" stands here twice",
			twice->text);
}

/* The event of the node's beginning is the current one. */
static int load_node(struct loader *l, struct doc_node *node, u32 depth)
{
	int ret;

	*node = place(l->event.start_mark);
	if (depth > MAX_DEPTH)
		return doc_fail(l->doc, node, l->err, "nested too deeply");

	switch (l->event.type) {
	case YAML_SCALAR_EVENT:
		ret = refuse_tag(l, l->event.data.scalar.anchor,
				 l->event.data.scalar.tag);
		return ret ? ret : load_scalar(l, node);
	case YAML_SEQUENCE_START_EVENT:
		node->type = DOC_SEQUENCE;
		ret = refuse_tag(l, l->event.data.sequence_start.anchor,
				 l->event.data.sequence_start.tag);
		return ret ? ret : load_items(l, node, depth,
					      YAML_SEQUENCE_END_EVENT);
	case YAML_MAPPING_START_EVENT:
		node->type = DOC_MAPPING;
		ret = refuse_tag(l, l->event.data.mapping_start.anchor,
				 l->event.data.mapping_start.tag);
		if (!ret)
			ret = load_items(l, node, depth,
					 YAML_MAPPING_END_EVENT);
		return ret ? ret : refuse_duplicates(l, node);
	default:
		return doc_fail(l->doc, node, l->err,
				"aliases are not part of the language");
	}
}

static int load_document(struct loader *l)
{
	int ret;

	ret = next_event(l);	/* start of the stream */
	if (!ret)
		ret = next_event(l);
	if (ret)
		return ret;
	if (l->event.type == YAML_STREAM_END_EVENT)
		return fail_at(l, l->event.start_mark, "the file is empty");
	if (l->event.data.document_start.version_directive ||
	    l->event.data.document_start.tag_directives.start !=
	    l->event.data.document_start.tag_directives.end)
		return fail_at(l, l->event.start_mark,
			       "directives are not part of the language");

	ret = next_event(l);
	if (!ret)
		ret = load_node(l, &l->doc->root, 1);
	if (!ret)
		ret = next_event(l);	/* end of the document */
	if (!ret)
		ret = next_event(l);
	if (!ret && l->event.type != YAML_STREAM_END_EVENT)
		ret = fail_at(l, l->event.start_mark,
			      "a second document; a file holds one");
	return ret;
}

/* What some editors put before UTF-8; libyaml wants none of a known encoding. */
static void skip_mark(struct pop_buffer *file)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t len = strlen(mark);

	if (strncmp(file->data, mark, len))
		return;
	file->len -= len;
	memmove(file->data, file->data + len, file->len + 1);
}

int doc_read(struct doc *doc, const char *path, struct pop_error *err)
{
	struct loader l = { .doc = doc, .err = err };
	int ret;

	memset(doc, 0, sizeof(*doc));
	doc->path = path;
	ret = pop_file_read(&l.file, path, MAX_FILE, false, err);
	if (ret)
		return ret;
	skip_mark(&l.file);
	if (!yaml_parser_initialize(&l.parser)) {
		pop_buffer_free(&l.file);
		return pop_fail(err, -ENOMEM, "%s: out of memory", path);
	}
	yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&l.parser, (u8 *)l.file.data, l.file.len);
	ret = load_document(&l);
	yaml_event_delete(&l.event);
	yaml_parser_delete(&l.parser);
	pop_buffer_free(&l.file);
	if (ret)
		doc_release(doc);
	return ret;
}

static void release_node(struct doc_node *node)
{
	u32 i;

	for (i = 0; i < node->nr; i++)
		release_node(&node->items[i]);
	free(node->items);
	free(node->text);
}

void doc_release(struct doc *doc)
{
	release_node(&doc->root);
	memset(&doc->root, 0, sizeof(doc->root));
}

static int unknown_key(const struct doc *doc, const struct doc_node *key,
		       const char *what, const struct doc_key *keys, u32 nr,
		       struct pop_error *err)
{
	char known[256] = "";
	size_t len = 0;
	u32 i;

	for (i = 0; i < nr; i++)
		len += snprintf(known + len, sizeof(known) - len, "%s%s",
				i ? ", " : "", keys[i].name);
	return doc_fail(doc, key, err, "%s has no \"%s\"; it has %s", what,
			key->text, known);
}

int doc_mapping(const struct doc *doc, const struct doc_node *node,
		const char *what, const struct doc_key *keys, u32 nr,
		const struct doc_node **values, struct pop_error *err)
{
	u32 i, k;
	int ret;

	ret = doc_expect(doc, node, what, DOC_MAPPING, err);
	if (ret)
		return ret;
	memset(values, 0, nr * sizeof(*values));
	for (i = 0; i < node->nr; i += 2) {
		for (k = 0; k < nr; k++)
			if (!strcmp(key_text(node, i), keys[k].name))
				break;
		if (k == nr)
			return unknown_key(doc, &node->items[i], what, keys,
					   nr, err);
		values[k] = &node->items[i + 1];
	}
	for (k = 0; k < nr; k++)
		if (keys[k].required && !values[k])
			return doc_fail(doc, node, err, "%s needs \"%s\"",
					what, keys[k].name);
	return 0;
}

int doc_expect(const struct doc *doc, const struct doc_node *node,
	       const char *what, enum doc_type type, struct pop_error *err)
{
	static const char * const types[] = {
		[DOC_SCALAR] = "a single value",
		[DOC_SEQUENCE] = "a list",
		[DOC_MAPPING] = "a mapping (key: value)",
	};

	if (node->type != type)
		return doc_fail(doc, node, err, "%s is %s, not %s", what,
				types[type], types[node->type]);
	if (type == DOC_SCALAR ? !*node->text : !node->nr)
		return doc_fail(doc, node, err, "%s is empty", what);
	return 0;
}
