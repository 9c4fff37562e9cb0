// SPDX-License-Identifier: GPL-2.0
/* Files that say where the parties are reached. */

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "doc.h"

/* "1..65535", and nothing else; @text may be NULL for none */
static bool parse_port(const char *text, in_port_t *port)
{
	unsigned long number;
	char *end;

	*port = 0;
	if (!text)
		return true;
	if (*text < '1' || *text > '9')
		return false;
	number = strtoul(text, &end, 10);
	if (*end || number > 65535)
		return false;
	*port = htons(number);
	return true;
}

/* ADDRESS[:PORT]; cuts @text into pieces */
static bool parse_v4(char *text, struct sockaddr_in *in)
{
	char *colon = strchr(text, ':');

	if (colon)
		*colon++ = '\0';
	in->sin_family = AF_INET;
	return parse_port(colon, &in->sin_port) &&
	       inet_pton(AF_INET, text, &in->sin_addr) == 1;
}

/* [ADDRESS[%INTERFACE]][:PORT]; cuts @text into pieces */
static bool parse_v6(char *text, struct sockaddr_in6 *in6)
{
	char *end = strchr(text, ']'), *scope;

	if (!end || (end[1] && end[1] != ':'))
		return false;
	*end = '\0';
	scope = strchr(text, '%');
	if (scope)
		*scope++ = '\0';
	in6->sin6_family = AF_INET6;
	if (scope)
		in6->sin6_scope_id = if_nametoindex(scope);
	return (!scope || in6->sin6_scope_id) &&
	       parse_port(end[1] ? end + 2 : NULL, &in6->sin6_port) &&
	       inet_pton(AF_INET6, text + 1, &in6->sin6_addr) == 1;
}

static bool parse(const char *text, struct pop_endpoint *endpoint)
{
	char copy[INET6_ADDRSTRLEN + IF_NAMESIZE + sizeof("[%]:65535")];

	if (strlen(text) >= sizeof(copy))
		return false;
	memcpy(copy, text, strlen(text) + 1);
	return *copy == '[' ? parse_v6(copy, &endpoint->addr.in6) :
			      parse_v4(copy, &endpoint->addr.in);
}

static int read_endpoints(const struct doc *doc, const struct pop_plan *plan,
			  struct pop_endpoint *list, struct pop_error *err)
{
	const struct doc_node *name, *where;
	int party, ret;
	u32 i;

	for (i = 0; i < doc->root.nr / 2; i++) {
		name = &doc->root.items[2 * i];
		where = &doc->root.items[2 * i + 1];
		party = pop_party_by_name(plan, name->text);
		if (party < 0)
			return doc_fail(doc, name, err,
					"\"%s\" is no party of the contract",
					name->text);
		ret = doc_expect(doc, where, "an endpoint", DOC_SCALAR, err);
		if (ret)
			return ret;
		list[i].party = party;
		if (!parse(where->text, &list[i]))
			return doc_fail(doc, where, err,
					"an endpoint is wanted here, like 10.0.0.1:7670 or \"[fd00::1]:7670\"");
	}
	return 0;
}

int pop_endpoints_read(const char *path, const struct pop_plan *plan,
		       struct pop_endpoint **list, u32 *nr,
		       struct pop_error *err)
{
	struct doc doc;
	int ret;

	*list = NULL;
	ret = doc_read(&doc, path, err);
	if (ret)
		return ret;
	ret = doc_expect(&doc, &doc.root, "a file of endpoints", DOC_MAPPING,
			 err);
	if (!ret) {
		*nr = doc.root.nr / 2;
		*list = calloc(*nr, sizeof(**list));
		ret = *list ? read_endpoints(&doc, plan, *list, err) :
			      pop_fail_errno(err, path);
	}
	doc_release(&doc);
	if (ret) {
		free(*list);
		*list = NULL;
	}
	return ret;
}
