namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>One thing that goes wrong, once: at the call after <paramref name="skip"/> others that match.</summary>
internal sealed class Misfortune(App app, string what, string service, string operation, int skip, int instance)
{
    private bool? happened;

    public static IReadOnlyList<string> All { get; } = ["killed before", "killed after", "answer lost", "throttled", "unavailable"];

    /// <summary>
    /// The app's calls for a service account of this kind. SECRET, DOCUMENT and STORAGE stand for its names; the users of credentials and the tests make their own calls with other
    /// versions and parameters.
    /// </summary>
    public static IEnumerable<(string Service, string Operation)> CallsOf(string kind)
    {
        yield return ("cosmos", "^(PUT|POST) /dbs/customers/colls/(customers|directory)/docs(/(DOCUMENT))?$");
        yield return ("keyVault", "^[A-Z]+ /secrets/[a-z0-9-]*SECRET(?!.*api-version=7[.][45]$)");
        if (kind == RotatedAccount.StorageAccountKeys)
        {
            yield return ("resourceManager", "^[A-Z]+ .*/STORAGE[/?]");
            yield return ("blob", "^GET /STORAGE/.*maxresults=1$");
        }
        else
        {
            yield return ("cosmos", "^GET /dbs/customers/colls/customers/docs/(DOCUMENT)$");
        }
    }

    public Task Threaten(string secret, string document, string? storageAccount)
    {
        var aimed = operation.Replace("SECRET", secret, StringComparison.Ordinal).Replace("DOCUMENT", document, StringComparison.Ordinal).Replace("STORAGE", storageAccount, StringComparison.Ordinal);
        return app.Cloud.Fault(what switch
        {
            "killed before" => new { service, operation = aimed, skip, count = 1, seconds = 300, kind = "kill", when = "before", instance },
            "killed after" => new { service, operation = aimed, skip, count = 1, seconds = 300, kind = "kill", when = "after", instance },
            "answer lost" => new { service, operation = aimed, skip, count = 1, seconds = 300, kind = "reset", when = "after" },
            "throttled" => new { service, operation = aimed, skip, count = 1, seconds = 300, kind = "throttle", retryAfterMilliseconds = 20 },
            _ => new { service, operation = aimed, skip, count = 1, seconds = 300, kind = "unavailable", retryAfterMilliseconds = 20 },
        });
    }

    /// <summary>From now on nothing goes wrong any more; says whether anything has.</summary>
    public async Task<bool> End()
    {
        if (happened is { } known) { return known; }
        happened = (await app.Cloud.Faults()).Count == 0;
        await app.Cloud.ClearFaults();
        return happened.Value;
    }

    public override string ToString() => $"{what}, at call {skip + 1} of {service} {operation}";
}
