// SPDX-License-Identifier: GPL-2.0
/* Parties and their cards: language to draft. */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"

enum {
	KEY_CARD,
	KEY_DISPUTES,
};

static const struct doc_key keys[] = {
	[KEY_CARD] = { "card", true },
	[KEY_DISPUTES] = { "disputes", false },
};

/* @path as the contract at @contract means it: beside the contract. */
static int beside(char result[PATH_MAX], const char *contract,
		  const char *path)
{
	const char *slash = strrchr(contract, '/');
	int dir = slash && *path != '/' ? slash + 1 - contract : 0;

	return snprintf(result, PATH_MAX, "%.*s%s", dir, contract, path) <
	       PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int read_card(struct draft *draft, struct draft_party *party,
		     const struct doc_node *node, struct pop_error *err)
{
	struct pop_error why;
	char path[PATH_MAX];
	int ret;

	ret = doc_expect(draft->doc, node, "a party's card", DOC_SCALAR, err);
	if (ret)
		return ret;
	if (beside(path, draft->doc->path, node->text))
		return doc_fail(draft->doc, node, err, "%s",
				strerror(ENAMETOOLONG));
	if (pop_card_read(&party->card, path, &why))
		return doc_fail(draft->doc, node, err, "%s", why.text);
	return 0;
}

static int refuse_shared_keys(struct draft *draft, u32 nr,
			      const struct doc_node *node,
			      struct pop_error *err)
{
	const struct draft_party *other, *party = &draft->parties[nr];
	u32 i;

	for (i = 0; i < nr; i++) {
		other = &draft->parties[i];
		if (!memcmp(other->card.identity, party->card.identity,
			    POP_KEY_LEN) ||
		    !memcmp(other->card.key, party->card.key, POP_KEY_LEN))
			return doc_fail(draft->doc, node, err,
					"%s and %s have the same key; each party needs a card of its own",
					other->name, party->name);
	}
	return 0;
}

/* A party is its card, or a mapping when there is more to say of it. */
static int read_party(struct draft *draft, u32 nr, const struct doc_node *key,
		      const struct doc_node *node, struct pop_error *err)
{
	const struct doc_node *values[ARRAY_SIZE(keys)] = {
		[KEY_CARD] = node,
	};
	struct draft_party *party = &draft->parties[nr];
	int ret;

	ret = doc_name(draft->doc, key, "a party's name", err);
	if (!ret && node->type == DOC_MAPPING)
		ret = doc_mapping(draft->doc, node, "a party", keys,
				  ARRAY_SIZE(keys), values, err);
	if (ret)
		return ret;
	party->name = key->text;
	party->disputes = values[KEY_DISPUTES];
	ret = read_card(draft, party, values[KEY_CARD], err);
	return ret ? ret : refuse_shared_keys(draft, nr, values[KEY_CARD], err);
}

static int by_name(const void *a, const void *b)
{
	const struct draft_party *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int draft_read_parties(struct draft *draft, const struct doc_node *node,
		       struct pop_error *err)
{
	u32 i;
	int ret;

	ret = doc_expect(draft->doc, node, "\"parties\"", DOC_MAPPING, err);
	if (ret)
		return ret;
	if (node->nr / 2 > POP_MAX_PARTIES)
		return doc_fail(draft->doc, &node->items[2 * POP_MAX_PARTIES],
				err, "a contract has at most %u parties",
				POP_MAX_PARTIES);
	if (node->nr / 2 < 2)
		return doc_fail(draft->doc, node, err,
				"a contract needs two parties");
	draft->parties = calloc(node->nr / 2, sizeof(*draft->parties));
	if (!draft->parties)
		return pop_fail_errno(err, draft->doc->path);

	for (i = 0; i < node->nr / 2; i++) {
		ret = read_party(draft, i, &node->items[2 * i],
				 &node->items[2 * i + 1], err);
		if (ret)
			return ret;
	}
	draft->nr_parties = node->nr / 2;
	qsort(draft->parties, draft->nr_parties, sizeof(*draft->parties),
	      by_name);
	return 0;
}

int draft_party_index(const struct draft *draft, const struct doc_node *node,
		      struct pop_error *err)
{
	struct draft_party wanted = { .name = node->text };
	const struct draft_party *party;
	int ret;

	ret = doc_expect(draft->doc, node, "a party", DOC_SCALAR, err);
	if (ret)
		return ret;
	party = bsearch(&wanted, draft->parties, draft->nr_parties,
			sizeof(*party), by_name);
	if (!party)
		return doc_fail(draft->doc, node, err,
				"\"%s\" is not among the parties", node->text);
	return party - draft->parties;
}
