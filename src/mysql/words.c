/*
 * words.c
 *		covet_sqlstate, covet_message, covet_setting_default,
 *		covet_setting_value: the core's errors and settings by their names.
 */
#include <string.h>

#include "covet_errors.h"
#include "covet_settings.h"
#include "udf.h"

/* ---- errors ---- */

static const char *const error_names[] = {
#define ERROR_NAME(name, sqlstate, message) [name] = #name,
	COVET_ERRORS(ERROR_NAME)
#undef ERROR_NAME
};

#define PREFIX_LENGTH (sizeof("COVET_E_") - 1)

/* The error of that name, COVET_ERROR_COUNT if there is none. */
static CovetError
find_error(CovetText name)
{
	int			i = 0;

	for (; i < COVET_ERROR_COUNT; i++)
	{
		const char *known = error_names[i] + PREFIX_LENGTH;

		if (name.start != NULL && strlen(known) == name.length &&
			memcmp(known, name.start, name.length) == 0)
			break;
	}
	return (CovetError) i;
}

UDF_INIT_FUNCTION(covet_sqlstate)
{
	return udf_prepare(init, args, message, 1, 1, UDF_RESULT_SIZE);
}

UDF_TEXT_FUNCTION(covet_sqlstate)
{
	CovetError	code = find_error(udf_arg(args, 0));

	UNUSED(init);
	UNUSED(error);
	return udf_return_text(code < COVET_ERROR_COUNT ?
						   covet_error_sqlstate(code) : NULL,
						   result, length, is_null);
}

UDF_INIT_FUNCTION(covet_message)
{
	return udf_prepare(init, args, message, 1, 1, UDF_RESULT_SIZE);
}

UDF_TEXT_FUNCTION(covet_message)
{
	CovetError	code = find_error(udf_arg(args, 0));

	UNUSED(init);
	UNUSED(error);
	return udf_return_text(code < COVET_ERROR_COUNT ?
						   covet_error_message(code) : NULL,
						   result, length, is_null);
}

/* ---- settings ---- */

static const CovetSetting *
find_setting(CovetText name)
{
	return name.start == NULL ? NULL :
		covet_setting_find(name.start, name.length);
}

UDF_INIT_FUNCTION(covet_setting_default)
{
	return udf_prepare(init, args, message, 1, 1, COVET_SETTING_SIZE);
}

UDF_TEXT_FUNCTION(covet_setting_default)
{
	const CovetSetting *setting = find_setting(udf_arg(args, 0));
	char		memory[COVET_SETTING_SIZE];

	UNUSED(init);
	UNUSED(error);
	return udf_return_text(setting == NULL ? NULL :
						   covet_setting_format(setting, setting->default_value,
												memory),
						   result, length, is_null);
}

UDF_INIT_FUNCTION(covet_setting_value)
{
	return udf_prepare(init, args, message, 2, 2, COVET_SETTING_SIZE);
}

UDF_TEXT_FUNCTION(covet_setting_value)
{
	const CovetSetting *setting = find_setting(udf_arg(args, 0));
	CovetText	text = udf_arg(args, 1);
	char		memory[COVET_SETTING_SIZE];
	int			value;
	bool		known = setting != NULL && text.start != NULL &&
		covet_setting_parse(setting, text.start, text.length, &value);

	UNUSED(init);
	UNUSED(error);
	return udf_return_text(known ?
						   covet_setting_format(setting, value, memory) : NULL,
						   result, length, is_null);
}
