// SPDX-License-Identifier: GPL-2.0
/* Where parties are reached, and files that say so. */

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "doc.h"

/* Room for "[ADDRESS%INTERFACE]:PORT" */
#define TEXT_MAX (INET6_ADDRSTRLEN + IF_NAMESIZE + sizeof("[%]:65535"))

/* Cut the port off @text; *port is its text, or NULL when there is none. */
static bool cut_port(char *text, char **port)
{
	char *end = strrchr(text, ':');

	*port = NULL;
	if (*text == '[') {
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		*end++ = '\0';
	} else if (!end || strchr(text, ':') != end) {
		return true;
	}
	if (*end)
		*port = end + 1;
	*end = '\0';
	return true;
}

static int parse_port(const char *text, in_port_t *port, struct pop_error *err)
{
	unsigned long number;
	char *end;

	if (!strcmp(text, "0"))
		return pop_fail(err, -EINVAL,
				"no port is 0; leave it out for that of the local node");
	number = strtoul(text, &end, 10);
	if (*text < '1' || *text > '9' || *end || number > 65535)
		return pop_fail(err, -EINVAL,
				"port is \"%s\", and must be a number from 1 to 65535",
				text);
	*port = htons(number);
	return 0;
}

static int no_address(const char *text, struct pop_error *err)
{
	return pop_fail(err, -EINVAL,
			"\"%s\" is no address; 10.0.0.1:7670 and \"[fd00::1]:7670\" are",
			text);
}

/* ADDRESS[%INTERFACE]; cuts @text into pieces */
static int parse_v6(char *text, struct sockaddr_in6 *in6, struct pop_error *err)
{
	char *scope = strchr(text, '%');

	if (scope)
		*scope++ = '\0';
	in6->sin6_family = AF_INET6;
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) != 1)
		return no_address(text, err);
	if (scope)
		in6->sin6_scope_id = if_nametoindex(scope);
	if (scope && !in6->sin6_scope_id)
		return pop_fail(err, -ENODEV, "there is no interface \"%s\"",
				scope);
	return 0;
}

static int parse_v4(const char *text, struct sockaddr_in *in,
		    struct pop_error *err)
{
	in->sin_family = AF_INET;
	return inet_pton(AF_INET, text, &in->sin_addr) == 1 ?
		0 : no_address(text, err);
}

int pop_endpoint_parse(struct pop_endpoint *endpoint, const char *text,
		       struct pop_error *err)
{
	char copy[TEXT_MAX + 1], *port;
	in_port_t number = 0;
	int ret = 0;

	memset(&endpoint->addr, 0, sizeof(endpoint->addr));
	if (strlen(text) >= sizeof(copy))
		return no_address(text, err);
	memcpy(copy, text, strlen(text) + 1);
	if (!cut_port(copy, &port))
		return no_address(text, err);
	if (port)
		ret = parse_port(port, &number, err);
	if (ret)
		return ret;
	if (*copy == '[')
		ret = parse_v6(copy + 1, &endpoint->addr.in6, err);
	else if (strchr(copy, ':'))
		ret = parse_v6(copy, &endpoint->addr.in6, err);
	else
		ret = parse_v4(copy, &endpoint->addr.in, err);
	/* at the same place for both families */
	endpoint->addr.in.sin_port = number;
	return ret;
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
		if (pop_endpoint_parse(&list[i], where->text, err))
			return doc_fail(doc, where, err, "%s", err->text);
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
