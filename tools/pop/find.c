// SPDX-License-Identifier: GPL-2.0
/* Loaded contracts and local parties, by the users' words: see find.h. */

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd.h"
#include "find.h"

#define PREFIX_MIN	8	/* hex digits that may stand for a hash */

const char contract_no_body[] =
	"its body is longer than 1 MiB, and the kernel does not give that back";

/* ---- reading contracts --------------------------------------------------- */

static void copy_name(char name[POP_NAME_LEN + 1], const struct nlattr *attr)
{
	snprintf(name, POP_NAME_LEN + 1, "%s",
		 attr ? mnl_attr_get_str(attr) : "");
}

static void copy_hash(u8 hash[POP_HASH_LEN], const struct nlattr *attr)
{
	if (attr && mnl_attr_get_payload_len(attr) == POP_HASH_LEN)
		memcpy(hash, mnl_attr_get_payload(attr), POP_HASH_LEN);
	else
		memset(hash, 0, POP_HASH_LEN);
}

void contract_gone(struct contract *contract, const struct nlattr *hash)
{
	int i;

	memset(contract, 0, sizeof(*contract));
	copy_hash(contract->hash, hash);
	for (i = 0; i < POP_HASH_LEN; i++)
		sprintf(contract->text + 2 * i, "%02x", contract->hash[i]);
	strcpy(contract->name, "?");
}

void contract_parse(struct contract *contract, const struct nlmsghdr *msg)
{
	const struct nlattr *attrs[POP_A_CONTRACT_MAX + 1];

	nl_parse(msg, attrs, POP_A_CONTRACT_MAX);
	contract_gone(contract, attrs[POP_A_CONTRACT_HASH]);
	copy_name(contract->name, attrs[POP_A_CONTRACT_NAME]);
	contract->state = nl_u32(attrs[POP_A_CONTRACT_STATE]);
	contract->epoch = nl_u32(attrs[POP_A_CONTRACT_EPOCH]);
	contract->parties = nl_u32(attrs[POP_A_CONTRACT_PARTIES]);
	contract->phases = nl_u32(attrs[POP_A_CONTRACT_PHASES]);
	contract->actions = nl_u32(attrs[POP_A_CONTRACT_ACTIONS]);
	contract->slots = nl_u32(attrs[POP_A_CONTRACT_SLOTS]);
	contract->members = nl_u32(attrs[POP_A_CONTRACT_MEMBERS]);
	contract->weight = nl_u32(attrs[POP_A_CONTRACT_WEIGHT]);
}

void contract_release(struct contract *contract)
{
	if (contract->body)
		pop_plan_release(&contract->plan);
	free(contract->body);
	free(contract->party_names);
	memset(contract, 0, sizeof(*contract));
}

/* Make room for one more in an array of @nr members, which grows by doubling. */
static void *one_more(void *array, u32 nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	array = realloc(array, (nr ? 2 * nr : 1) * size);
	if (!array)
		abort();
	return array;
}

static void add_contract(const struct nlmsghdr *msg, void *data)
{
	struct contract_list *list = data;

	list->contract = one_more(list->contract, list->nr,
				  sizeof(*list->contract));
	contract_parse(&list->contract[list->nr++], msg);
}

int contract_list(struct contract_list *list)
{
	int ret;

	memset(list, 0, sizeof(*list));
	ret = nl_request(nl_message(POP_CMD_CONTRACT_GET, NLM_F_DUMP, NL_ROOM),
			 add_contract, list);
	if (ret)
		contract_list_release(list);
	return ret;
}

void contract_list_release(struct contract_list *list)
{
	while (list->nr)
		contract_release(&list->contract[--list->nr]);
	free(list->contract);
	list->contract = NULL;
}

/* Put the pieces of the body together, if the kernel gives it. */
static void read_body(const struct nlmsghdr *msg, void *data)
{
	struct contract *contract = data;
	const struct nlattr *attr;
	size_t len = 0;

	contract_parse(contract, msg);
	mnl_attr_for_each(attr, msg, MNL_ALIGN(sizeof(struct genlmsghdr)))
		if (mnl_attr_get_type(attr) == POP_A_CONTRACT_BODY)
			len += mnl_attr_get_payload_len(attr);
	if (!len)
		return;
	contract->body = malloc(len);
	if (!contract->body)
		abort();
	contract->plan.body_len = len;
	len = 0;
	mnl_attr_for_each(attr, msg, MNL_ALIGN(sizeof(struct genlmsghdr))) {
		if (mnl_attr_get_type(attr) != POP_A_CONTRACT_BODY)
			continue;
		memcpy((char *)contract->body + len,
		       mnl_attr_get_payload(attr),
		       mnl_attr_get_payload_len(attr));
		len += mnl_attr_get_payload_len(attr);
	}
}

/* Parties are called by their indices where the body does not say better. */
static void number_parties(struct contract *contract)
{
	u32 i;

	contract->party_names = calloc(contract->parties,
				       sizeof(*contract->party_names));
	if (!contract->party_names)
		abort();
	for (i = 0; i < contract->parties; i++)
		sprintf(contract->party_names[i], "%u", i);
}

/* Decode the body that was read; it is not kept when it is not right. */
static int decode(struct contract *contract)
{
	struct pop_codec_error err = {};
	u32 i;

	if (pop_plan_decode(&contract->plan, contract->body,
			    contract->plan.body_len, &err)) {
		free(contract->body);
		contract->body = NULL;
		return error("contract %.16s is of a kind that this tool does not know: %s",
			     contract->text, err.reason ? err.reason : "");
	}
	contract->parties = contract->plan.nr_parties;
	number_parties(contract);
	for (i = 0; i < contract->parties; i++)
		memcpy(contract->party_names[i], contract->plan.party[i].name,
		       POP_NAME_LEN);
	return CMD_OK;
}

int contract_read(struct contract *contract, const u8 hash[POP_HASH_LEN])
{
	struct nlmsghdr *msg = nl_message(POP_CMD_CONTRACT_GET, 0, NL_ROOM);
	int ret;

	memset(contract, 0, sizeof(*contract));
	if (!msg)
		return CMD_FAILED;
	mnl_attr_put(msg, POP_A_CONTRACT_HASH, POP_HASH_LEN, hash);
	ret = nl_request(msg, read_body, contract);
	if (!ret && contract->body)
		ret = decode(contract);
	else if (!ret)
		number_parties(contract);
	if (ret)
		contract_release(contract);
	return ret;
}

/* ---- finding them --------------------------------------------------------- */

/* May @text be the beginning of a hash? */
static bool is_prefix(const char *text)
{
	size_t len = strlen(text);

	return len >= PREFIX_MIN && len <= HASH_TEXT_LEN &&
	       strspn(text, "0123456789abcdefABCDEF") == len;
}

/* Names go before hashes. Return: CMD_OK and *found, which may be NULL. */
static int look_up(const struct contract_list *list, const char *text,
		   const struct contract **found)
{
	bool prefix = is_prefix(text);
	u32 i;

	*found = NULL;
	for (i = 0; i < list->nr; i++) {
		if (strcmp(list->contract[i].name, text))
			continue;
		if (*found)
			return error("several contracts have the name \"%s\"; give a hash",
				     text);
		*found = &list->contract[i];
	}
	if (*found || !prefix)
		return CMD_OK;
	for (i = 0; i < list->nr; i++) {
		if (strncasecmp(list->contract[i].text, text, strlen(text)))
			continue;
		if (*found)
			return error("several hashes begin with \"%s\"; give more digits",
				     text);
		*found = &list->contract[i];
	}
	return CMD_OK;
}

int contract_entry(struct contract *contract, const char *text)
{
	const struct contract *found;
	struct contract_list list;
	int ret;

	ret = contract_list(&list);
	if (ret)
		return ret;
	ret = look_up(&list, text, &found);
	if (!ret && !found)
		ret = error("no contract \"%s\" is loaded; see \"pop contract show\"",
			    text);
	if (!ret)
		*contract = *found;
	contract_list_release(&list);
	return ret;
}

int contract_find(struct contract *contract, const char *text)
{
	struct contract entry;
	int ret;

	ret = contract_entry(&entry, text);
	if (!ret)
		ret = contract_read(contract, entry.hash);
	if (ret || contract->body)
		return ret;
	contract_release(contract);
	return error("contract \"%s\": %s", entry.name, contract_no_body);
}

/* ---- what is in a contract ------------------------------------------------ */

const char *party_name(const struct contract *contract, u32 index)
{
	return contract->party_names && index < contract->parties ?
	       contract->party_names[index] : "?";
}

void action_name(const struct contract *contract, u32 index,
		 char name[POP_NAME_LEN + 1])
{
	memcpy(name, contract->plan.action[index].name, POP_NAME_LEN);
	name[POP_NAME_LEN] = '\0';
}

int party_find(const struct contract *contract, const char *text,
	       u32 *index)
{
	u32 i;

	for (i = 0; i < contract->plan.nr_parties; i++) {
		if (!strcmp(contract->party_names[i], text)) {
			*index = i;
			return CMD_OK;
		}
	}
	if (strspn(text, "0123456789") == strlen(text))
		return arg_uint("party", text, contract->plan.nr_parties - 1,
				index);
	return error("contract \"%s\" has no party \"%s\"", contract->name,
		     text);
}

int phase_find(const struct contract *contract, const char *text,
	       u32 *phase)
{
	return arg_uint("phase", text, contract->plan.nr_phases - 1, phase);
}

int action_find(const struct contract *contract, u32 phase, const char *text,
		u32 *action)
{
	const u32 *first = &contract->plan.first_action[phase];
	char name[POP_NAME_LEN + 1];
	u32 i;

	for (i = first[0]; i < first[1]; i++) {
		action_name(contract, i, name);
		if (!strcmp(name, text)) {
			*action = i - first[0];
			return CMD_OK;
		}
	}
	if (strspn(text, "0123456789") == strlen(text))
		return arg_uint("action", text, first[1] - first[0] - 1,
				action);
	return error("phase %u of contract \"%s\" has no action \"%s\"", phase,
		     contract->name, text);
}

/* ---- local parties -------------------------------------------------------- */

void party_parse(struct party *party, const struct nlmsghdr *msg)
{
	const struct nlattr *attrs[POP_A_PARTY_MAX + 1];

	nl_parse(msg, attrs, POP_A_PARTY_MAX);
	memset(party, 0, sizeof(*party));
	copy_hash(party->contract, attrs[POP_A_PARTY_CONTRACT]);
	copy_name(party->name, attrs[POP_A_PARTY_NAME]);
	party->index = nl_u32(attrs[POP_A_PARTY_INDEX]);
	party->uid = nl_u32(attrs[POP_A_PARTY_UID]);
	party->state = nl_u32(attrs[POP_A_PARTY_STATE]);
	party->phase = nl_u32(attrs[POP_A_PARTY_PHASE]);
	party->minutes = nl_u32(attrs[POP_A_PARTY_MINUTES]);
	party->minutes_total = nl_u32(attrs[POP_A_PARTY_MINUTES_TOTAL]);
	party->inputs = nl_u32(attrs[POP_A_PARTY_INPUTS]);
	party->inputs_done = nl_u32(attrs[POP_A_PARTY_INPUTS_DONE]);
	party->outputs = nl_u32(attrs[POP_A_PARTY_OUTPUTS]);
	party->outputs_done = nl_u32(attrs[POP_A_PARTY_OUTPUTS_DONE]);
}

static void add_party(const struct nlmsghdr *msg, void *data)
{
	struct party_list *list = data;

	list->party = one_more(list->party, list->nr, sizeof(*list->party));
	party_parse(&list->party[list->nr++], msg);
}

int party_list(struct party_list *list, const u8 *hash)
{
	struct nlmsghdr *msg;
	int ret;

	memset(list, 0, sizeof(*list));
	msg = nl_message(POP_CMD_PARTY_GET, NLM_F_DUMP, NL_ROOM);
	if (msg && hash)
		mnl_attr_put(msg, POP_A_PARTY_CONTRACT, POP_HASH_LEN, hash);
	ret = nl_request(msg, add_party, list);
	if (ret)
		free(list->party);
	return ret;
}

int party_local(const struct contract *contract, const char *text,
		u32 *index)
{
	u32 i, wanted = 0;
	struct party_list list;
	int ret = CMD_OK;

	if (text)
		ret = party_find(contract, text, &wanted);
	if (!ret)
		ret = party_list(&list, contract->hash);
	if (ret)
		return ret;
	for (i = 0; text && i < list.nr; i++)
		if (list.party[i].index == wanted)
			break;
	if (!list.nr)
		ret = error("no party of contract \"%s\" is local; see \"pop contract open\"",
			    contract->name);
	else if (i == list.nr)
		ret = error("party \"%s\" of contract \"%s\" is not local",
			    text, contract->name);
	else if (!text && list.nr > 1)
		ret = error("several parties of contract \"%s\" are local; say which",
			    contract->name);
	else
		*index = list.party[i].index;
	free(list.party);
	return ret;
}

static int each_of(const struct contract *contract, const char *party,
		   party_call *call, void *data)
{
	struct party_list list;
	u32 i, index = 0;
	int ret = CMD_OK;

	if (party)
		ret = party_local(contract, party, &index);
	if (!ret)
		ret = party_list(&list, contract->hash);
	if (ret)
		return ret;
	for (i = 0; !ret && i < list.nr; i++)
		if (!party || list.party[i].index == index)
			ret = call(contract, &list.party[i], data);
	free(list.party);
	return ret;
}

/* All local parties of the contract that @entry is about. */
static int each_in(const struct contract *entry, party_call *call, void *data)
{
	struct contract contract;
	int ret;

	ret = contract_read(&contract, entry->hash);
	if (ret)
		return ret;
	if (contract.body)
		ret = each_of(&contract, NULL, call, data);
	else
		warning("contract \"%s\" is left out: %s", entry->name,
			contract_no_body);
	contract_release(&contract);
	return ret;
}

int party_each(const char *contract, const char *party, party_call *call,
	       void *data)
{
	struct contract_list list;
	struct contract one;
	int ret = CMD_OK;
	u32 i;

	if (party && !contract)
		return error("\"party\" says too little without \"contract\"");
	if (contract) {
		ret = contract_find(&one, contract);
		if (ret)
			return ret;
		ret = each_of(&one, party, call, data);
		contract_release(&one);
		return ret;
	}
	ret = contract_list(&list);
	if (ret)
		return ret;
	for (i = 0; !ret && i < list.nr; i++)
		if (list.contract[i].members)
			ret = each_in(&list.contract[i], call, data);
	contract_list_release(&list);
	return ret;
}
