using System.Globalization;

namespace LocalAzure.Cosmos.Query;

/// <summary>The current time, by the test clock; the same instant for every row of a query.</summary>
internal static class DateFunctions
{
    public static Evaluate? Bind(string name, int arguments, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        SqlValue? value = name switch
        {
            "GETCURRENTDATETIME" or "GETCURRENTDATETIMESTATIC" => SqlValue.Of(now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture)),
            "GETCURRENTTIMESTAMP" or "GETCURRENTTIMESTAMPSTATIC" => SqlValue.Of((double)now.ToUnixTimeMilliseconds()),
            "GETCURRENTTICKS" or "GETCURRENTTICKSSTATIC" => SqlValue.Of((double)now.UtcTicks),
            _ => null,
        };
        if (value is not { } constant) { return null; }
        return arguments == 0 ? _ => constant : throw CosmosRefusal.BadRequest($"The {name} function takes no arguments.");
    }
}
