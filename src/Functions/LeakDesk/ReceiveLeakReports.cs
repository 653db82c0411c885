using System.Text.Json;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.LeakDesk;

/// <summary>
/// Takes a secret scanner's report, acts on every key in it that is ours and says of each whether it was. Reporting the same key again changes nothing more. When a dependency fails, the
/// whole report is answered with 503, and the scanner sends it again.
/// </summary>
internal static class ReceiveLeakReports
{
    private const int MaxReports = 100;
    private const int LongestToken = 1_000;
    private const string KeyIdHeader = "Github-Public-Key-Identifier";
    private const string SignatureHeader = "Github-Public-Key-Signature";

    public static async Task<Results<Ok<IReadOnlyList<LeakVerdict>>, Problem>> Handle(HttpRequest request, ScannerKeys keys, LeakedKeys leaked, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellation);
        var body = buffer.ToArray();
        var (keyId, signature) = (request.Headers[KeyIdHeader].ToString(), request.Headers[SignatureHeader].ToString());
        if (keyId.Length == 0 || signature.Length is 0 or > 200 || !await keys.Verify(keyId, signature, body, cancellation)) { return Failures.SignatureInvalid(); }

        IReadOnlyList<LeakReport>? reports;
        try { reports = JsonSerializer.Deserialize(body, ScannerJson.Default.IReadOnlyListLeakReport); }
        catch (JsonException e) { return JsonProblems.Explain(e); }
        var checks = new Checks();
        if (reports is null) { checks.Add("", "wrong-type", "Expected a list of reports."); }
        if (reports?.Count > MaxReports) { checks.Add("", "too-many", $"At most {MaxReports} reports at once."); }
        for (var i = 0; i < reports?.Count && i < MaxReports; i++)
        {
            if (reports[i]?.Token is null) { checks.Add($"/{i}/token", "required", "The field is required."); }
            else if (reports[i].Token!.Length > LongestToken) { checks.Add($"/{i}/token", "too-long", $"At most {LongestToken} characters."); }
        }
        if (checks.Refusal is { } invalid) { return invalid; }

        var verdicts = new List<LeakVerdict>();
        foreach (var report in reports!) { verdicts.Add(await leaked.Deal(report, cancellation)); }
        return TypedResults.Ok<IReadOnlyList<LeakVerdict>>(verdicts);
    }
}
