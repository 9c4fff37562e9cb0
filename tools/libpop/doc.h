/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file in the YAML subset of PoP, as a tree that remembers where all of it
 * stood. The subset: one document; mappings, sequences and scalars; no
 * anchors, aliases, tags or directives; no key twice in a mapping.
 */
#ifndef _LIBPOP_DOC_H
#define _LIBPOP_DOC_H

#include "internal.h"

enum doc_type {
	DOC_SCALAR,
	DOC_SEQUENCE,
	DOC_MAPPING,
};

/**
 * struct doc_node - a scalar, or a collection of nodes
 * @type: enum doc_type
 * @plain: of a scalar: written without quotes
 * @line: from one
 * @column: from one, in characters
 * @text: of a scalar; without a zero byte within
 * @items: of a sequence; of a mapping key, value, key, value
 * @nr: how many @items
 */
struct doc_node {
	enum doc_type type;
	bool plain;
	u32 line;
	u32 column;
	char *text;
	struct doc_node *items;
	u32 nr;
};

/**
 * struct doc - a file in memory
 * @path: of the file; not owned
 * @root: the document
 */
struct doc {
	const char *path;
	struct doc_node root;
};

/* Free with doc_release(). An empty file is an error. */
int doc_read(struct doc *doc, const char *path, struct pop_error *err);
void doc_release(struct doc *doc);

/** doc_fail - pop_fail() at a place in the file; Return: -EINVAL */
int __printf(4, 5)
doc_fail(const struct doc *doc, const struct doc_node *at,
	 struct pop_error *err, const char *format, ...);

/**
 * struct doc_key - a key that a mapping may have
 * @name: the key
 * @required: must have
 */
struct doc_key {
	const char *name;
	bool required;
};

/**
 * doc_mapping - take a mapping with known keys apart
 * @doc: it stands in
 * @node: the mapping
 * @what: it is, for messages: "a phase"
 * @keys: that it may have
 * @nr: how many
 * @values: set to the values in the order of @keys, NULL for what is not there
 * @err: why, on failure
 */
int doc_mapping(const struct doc *doc, const struct doc_node *node,
		const char *what, const struct doc_key *keys, u32 nr,
		const struct doc_node **values, struct pop_error *err);

/** doc_expect - is @node of @type, and not empty? */
int doc_expect(const struct doc *doc, const struct doc_node *node,
	       const char *what, enum doc_type type, struct pop_error *err);

/* Scalars. Numbers are decimal and plain, with nothing in front of them. */
int doc_name(const struct doc *doc, const struct doc_node *node,
	     const char *what, struct pop_error *err);
int doc_bool(const struct doc *doc, const struct doc_node *node, bool *value,
	     struct pop_error *err);
int doc_number(const struct doc *doc, const struct doc_node *node, u32 min,
	       u32 max, u32 *value, struct pop_error *err);

/** doc_duration - like 30s, 8h or 1h30m; in seconds, at most @max */
int doc_duration(const struct doc *doc, const struct doc_node *node, u64 max,
		 u64 *seconds, struct pop_error *err);

/** doc_size - bytes; K and M behind the number are 1024 and 1024 * 1024 */
int doc_size(const struct doc *doc, const struct doc_node *node, u32 max,
	     u32 *bytes, struct pop_error *err);

/** doc_word - one of @nr @words; their index */
int doc_word(const struct doc *doc, const struct doc_node *node,
	     const char * const *words, u32 nr, u8 *index,
	     struct pop_error *err);

#endif /* _LIBPOP_DOC_H */
