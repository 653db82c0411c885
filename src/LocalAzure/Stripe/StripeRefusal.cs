using System.Globalization;

namespace LocalAzure.Stripe;

/// <summary>Stripe's refusals, as docs.stripe.com/api/errors and docs.stripe.com/error-codes have them.</summary>
internal sealed class StripeRefusal(int status, string message, string? code = null, string? parameter = null, string type = "invalid_request_error") : Exception(message)
{
    public int Status => status;

    public object Body
    {
        get
        {
            var error = new Dictionary<string, string> { ["message"] = Message, ["type"] = type };
            if (code is not null) { (error["code"], error["doc_url"]) = (code, "https://stripe.com/docs/error-codes/" + code.Replace('_', '-')); }
            if (parameter is not null) { error["param"] = parameter; }
            return new { error };
        }
    }

    public static StripeRefusal NoKey() => new(401, "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').");

    /// <summary>Of a key that is none, the beginning and the last four characters are shown.</summary>
    public static StripeRefusal WrongKey(string key) => new(401, $"Invalid API Key provided: {key[..Math.Min(8, key.Length)]}{new string('*', Math.Max(0, key.Length - 12))}{key[^Math.Min(4, key.Length)..]}");

    public static StripeRefusal NotPermitted() => new(403, "The provided key does not have the required permissions for this endpoint on account 'acct_LocalAzure'. Having the 'rak_event_read' permission would allow this request to continue.");

    public static StripeRefusal TooMany() => new(429, "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.", "rate_limit");

    public static StripeRefusal Unavailable() => new(503, "An unknown error occurred.", type: "api_error");

    public static StripeRefusal NoSuchEvent(string id) => new(400, $"No such event: '{id}'", "resource_missing", "starting_after");

    public static StripeRefusal NoInteger(string parameter, string value) => new(400, $"Invalid integer: {value}", "parameter_invalid_integer", parameter);

    public static StripeRefusal TooSmall(string parameter, int least) => new(400, string.Create(CultureInfo.InvariantCulture, $"This value must be greater than or equal to {least}."), "parameter_invalid_integer", parameter);

    public static StripeRefusal TooGreat(string parameter, int most, long value) =>
        new(400, string.Create(CultureInfo.InvariantCulture, $"This value must be less than or equal to {most} (it currently is '{value}')."), "parameter_invalid_integer", parameter);

    public static StripeRefusal TooManyTypes(int most) => new(400, string.Create(CultureInfo.InvariantCulture, $"Array must have at most {most} elements."), parameter: "types");

    public static StripeRefusal UnknownParameter(string name) => new(400, $"Received unknown parameter: {name}", "parameter_unknown", name);

    public static StripeRefusal WrongVersion(string version) => new(400, $"Invalid Stripe API version: {version}");

    public static StripeRefusal NotImplemented(string what) => new(501, $"LocalAzure does not implement {what} of Stripe.", type: "api_error");
}
