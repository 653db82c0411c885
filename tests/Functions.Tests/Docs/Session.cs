using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.Docs;

/// <summary>
/// Somebody who follows the README with curl, without a shell: it knows the variables that were set, and what the ids, keys and times printed there are in this run.
/// </summary>
internal sealed partial class Session(App app)
{
    private static readonly string[] Services = ["functions", "local", "cosmos", "keyVault"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, string> variables = new() { ["ADMIN"] = app.AdminKey };
    private readonly Dictionary<string, string> actual = [];

    /// <summary>Runs a block of commands, the last of which is a call that is answered by what <paramref name="printed"/> shows of it.</summary>
    public async Task Run(string block, JsonNode printed)
    {
        var lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var assignment in lines[..^1].Select(line => line.Split('=', 2))) { variables[assignment[0]] = actual.GetValueOrDefault(assignment[1], assignment[1]); }
        var words = Words().Matches(lines[^1]).Select(word => Expand(word.Value.StartsWith('\'') ? word.Value.Trim('\'') : word.Value.Replace("\"", "", StringComparison.Ordinal))).ToList();
        words[0].Should().Be("curl");

        // Reading may have to wait for a timer; whatever changes something is sent once.
        var isRead = !words.Contains("-X");
        var (answer, difference) = (new JsonObject() as JsonNode, "");
        await Eventually.True(async () =>
        {
            answer = await Call(words[1..]);
            difference = Difference(printed, answer, "");
            return !isRead || difference.Length == 0;
        }, Patience, $"{lines[^1]} answers {printed.ToJsonString()}; it differs {difference}");
        difference.Should().BeEmpty("{0} answered {1}", lines[^1], answer.ToJsonString());
        Learn(printed, answer);
    }

    private async Task<JsonNode> Call(List<string> words)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, null as Uri);
        var contentType = "application/x-www-form-urlencoded";
        for (var i = 0; i < words.Count; i++)
        {
            switch (words[i])
            {
                case "-X": request.Method = new HttpMethod(words[++i]); break;
                case "-d": request.Content = new StringContent(words[++i], Encoding.UTF8); break;
                case "--cacert": words[++i].Should().EndWith("ca.pem"); break;
                case "-H" when words[i + 1].StartsWith("Content-Type: ", StringComparison.Ordinal): contentType = words[++i].Split(": ")[1]; break;
                case "-H": request.Headers.TryAddWithoutValidation(words[i + 1].Split(": ")[0], words[++i].Split(": ")[1]).Should().BeTrue(); break;
                default: request.RequestUri = Here(new Uri(words[i])); break;
            }
        }
        if (request.Content is not null) { request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType); }
        using var response = await app.Azure.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    /// <summary>The README's ports are the default ones, in their order.</summary>
    private Uri Here(Uri url) => new(app.Cloud.Endpoint(Services[url.Port - 7071]) + url.PathAndQuery);

    private string Expand(string word) => Variable().Replace(word, name => variables[name.Groups[1].Value]);

    /// <summary>Where the answer is not as printed: everything printed is there, of the same value or, where runs differ, of the same form.</summary>
    private static string Difference(JsonNode? printed, JsonNode? answer, string at) => (printed, answer) switch
    {
        (JsonObject one, JsonObject other) => string.Concat(one.Select(member => Difference(member.Value, other[member.Key], $"{at}/{member.Key}"))),
        (JsonArray one, JsonArray other) when one.Count == other.Count => string.Concat(one.Zip(other, (a, b) => Difference(a, b, at + "/*"))),
        (JsonValue one, JsonValue other) when Form(one.ToString()) == Form(other.ToString()) => "",
        _ => $"at {at}: {answer?.ToJsonString() ?? "nothing"}; ",
    };

    private void Learn(JsonNode? printed, JsonNode? answer)
    {
        if (printed is JsonObject members) { foreach (var (name, value) in members) { Learn(value, answer![name]); } }
        else if (printed is JsonArray items) { foreach (var (one, other) in items.Zip(answer!.AsArray())) { Learn(one, other); } }
        else if (printed is not null) { actual[printed.ToString()] = answer!.ToString(); }
    }

    private static string Form(string text) => Token().Replace(Instant().Replace(Secret().Replace(Ulid().Replace(text, "<ulid>"), "<secret>"), "<instant>"), "<token>");

    [GeneratedRegex("\"[^\"]*\"|'[^']*'|[^ ]+")]
    private static partial Regex Words();

    [GeneratedRegex(@"\$([A-Z]+)")]
    private static partial Regex Variable();

    [GeneratedRegex("[0-7][0-9A-HJKMNP-TV-Z]{25}")]
    private static partial Regex Ulid();

    [GeneratedRegex("(?<=_)[0-9A-Za-z]{49}$")]
    private static partial Regex Secret();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    private static partial Regex Instant();

    [GeneratedRegex(@"^eyJ[\w-]+\.[\w-]+\.[\w-]+$")]
    private static partial Regex Token();
}
