// SPDX-License-Identifier: GPL-2.0
/* Contract language to canonical body: document, draft, order, body. */

#include <stdlib.h>

#include "draft.h"

/* The module will take the body only if this decoder does. */
static int check(const char *path, void *body, u32 len, struct pop_error *err)
{
	struct pop_codec_error why;
	struct pop_plan plan;
	int ret;

	ret = pop_plan_decode(&plan, body, len, &why);
	if (ret)
		return pop_fail(err, ret, "%s: the contract is refused: %s",
				path, why.reason);
	pop_plan_release(&plan);
	return 0;
}

int pop_compile(const char *path, void **body, u32 *len,
		struct pop_error *err)
{
	struct draft draft = {};
	u32 *order = NULL;
	struct doc doc;
	int ret;

	*body = NULL;
	ret = doc_read(&doc, path, err);
	if (ret)
		return ret;
	ret = draft_read(&draft, &doc, err);
	if (!ret)
		ret = draft_order(&draft, &order, err);
	if (!ret)
		ret = draft_read_disputes(&draft, order, err);
	if (!ret)
		ret = draft_encode(&draft, order, body, len, err);
	if (!ret)
		ret = check(path, *body, *len, err);
	free(order);
	draft_release(&draft);
	doc_release(&doc);
	if (ret) {
		free(*body);
		*body = NULL;
	}
	return ret;
}
