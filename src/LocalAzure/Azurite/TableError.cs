namespace LocalAzure.Azurite;

/// <summary>The body of Table Storage's refusals (learn.microsoft.com: "Status and error codes", JSON).</summary>
internal static class TableError
{
    public static Dictionary<string, object> Body(string code, string message) => new()
    {
        ["odata.error"] = new { code, message = new { lang = "en-US", value = message } },
    };
}
