/*
 * client.c
 *		covet_ip_valid, covet_ip_match, covet_user_agent_match: addresses and
 *		browsers.
 */
#include <string.h>

#include "covet_core.h"
#include "covet_settings.h"
#include "udf.h"

UDF_INIT_FUNCTION(covet_ip_valid)
{
	return udf_prepare(init, args, message, 1, 1, 1);
}

UDF_INTEGER_FUNCTION(covet_ip_valid)
{
	CovetText	text = udf_arg(args, 0);
	CovetIp		ip;

	UNUSED(init);
	UNUSED(error);
	if (text.start == NULL)
		return udf_return_null(is_null);
	return udf_return_bool(covet_ip_parse(text.start, text.length, &ip));
}

/* The policy that a text names, in the terms of a setting. */
static bool
parse_policy(CovetSettingIndex setting, CovetText text, int *policy)
{
	return text.start != NULL &&
		covet_setting_parse(&covet_settings[setting], text.start, text.length,
							policy);
}

/* Does what binds need no look at the client? */
static bool
binds_nothing(int policy, CovetText bound)
{
	return policy == 0 || bound.start == NULL;
}

_Static_assert(COVET_BIND_IP_OFF == 0 && COVET_BIND_USER_AGENT_OFF == 0,
			   "a policy that binds nothing is 0");

UDF_INIT_FUNCTION(covet_ip_match)
{
	return udf_prepare(init, args, message, 3, 3, 1);
}

UDF_INTEGER_FUNCTION(covet_ip_match)
{
	CovetText	bound = udf_arg(args, 0);
	CovetText	given = udf_arg(args, 1);
	int			policy;

	UNUSED(init);
	UNUSED(error);
	if (!parse_policy(COVET_SETTING_bind_ip, udf_arg(args, 2), &policy))
		return udf_return_null(is_null);
	return udf_return_bool(binds_nothing(policy, bound) ||
						   (given.start != NULL &&
							covet_ip_matches((CovetBindIp) policy,
											 bound.start, bound.length,
											 given.start, given.length)));
}

UDF_INIT_FUNCTION(covet_user_agent_match)
{
	return udf_prepare(init, args, message, 3, 3, 1);
}

UDF_INTEGER_FUNCTION(covet_user_agent_match)
{
	CovetText	bound = udf_arg(args, 0);
	CovetText	given = udf_arg(args, 1);
	int			policy;

	UNUSED(init);
	UNUSED(error);
	if (!parse_policy(COVET_SETTING_bind_user_agent, udf_arg(args, 2), &policy))
		return udf_return_null(is_null);
	return udf_return_bool(binds_nothing(policy, bound) ||
						   (given.start != NULL &&
							covet_user_agent_matches((CovetBindUserAgent) policy,
													 bound.start, bound.length,
													 given.start, given.length)));
}
