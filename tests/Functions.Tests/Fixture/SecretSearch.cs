using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>
/// Looks for secrets in what a LocalAzure has written and what was written about it: documents, tables, the logs of all processes with the exceptions in them, what it has printed, and the answers that callers got. Every
/// secret that was ever in its Key Vault, every key that a resource ever had and every client secret must be nowhere else. Each environment of a test run is searched when it ends, the shared one when the run does.
/// </summary>
internal static partial class SecretSearch
{
    /// <summary>Shorter runs of letters and digits may stand anywhere by chance.</summary>
    private const int TellingLength = 20;

    /// <summary>What is shorter as a whole is no secret, and may stand anywhere.</summary>
    private const int ShortestSecret = 12;

    private const string Printed = "what was printed";

    /// <summary>Where secrets belong: the vault, the resources and the directory themselves, what signs tokens and certificates, the file that tells a developer the first key; and the lock, which nobody
    /// else may open.</summary>
    private static readonly string[] Vaults = ["keyvault", "arm", "graph", "tls", "identity", "token-key", "master-key", "endpoints.json", ".local-azure"];

    /// <summary>Every file that no secret belongs into.</summary>
    public static IReadOnlyList<string> FilesOf(string state) =>
        [.. Directory.EnumerateFiles(state, "*", SearchOption.AllDirectories).Where(path => !Vaults.Contains(Path.GetRelativePath(state, path).Split(Path.DirectorySeparatorChar)[0]))];

    public static async Task<string> Read(string path)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync();
    }

    /// <summary>The places with a secret in them, and how many secrets were looked for.</summary>
    /// <param name="state">The state folder.</param>
    /// <param name="printed">What was printed besides.</param>
    public static async Task<(IReadOnlyList<string> Leaks, int Secrets)> Run(string state, string printed = "")
    {
        var secrets = await SecretsOf(state);
        var any = SearchValues.Create([.. secrets.SelectMany(Forms).Distinct()], StringComparison.Ordinal);
        var leaks = new List<string>();
        foreach (var file in FilesOf(state).Append(TestRun.AzuriteLog)) { Look(Path.GetRelativePath(state, file), await Read(file)); }
        Look(Printed, printed);
        return (leaks, secrets.Count);

        void Look(string place, string text)
        {
            var at = text.AsSpan().IndexOfAny(any);
            if (at < 0) { at = Looks(place).Select(looks => looks.Match(text)).FirstOrDefault(match => match.Success)?.Index ?? -1; }
            if (at >= 0) { leaks.Add($"{place}: …{text[Math.Max(0, at - 200)..at]}"); }
        }
    }

    /// <summary>What a resource's key or a secret looks like wherever it may have been written: its longest run of letters and digits, which is the same in every encoding, or where that does not tell, all that it can be encoded as.</summary>
    private static IEnumerable<string> Forms(string secret) =>
        LettersAndDigits().Matches(secret).Select(run => run.Value).MaxBy(run => run.Length) is { Length: >= TellingLength } longest
            ? [longest]
            : [secret, JavaScriptEncoder.Default.Encode(secret), JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret), Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))];

    private static async Task<IReadOnlyList<string>> SecretsOf(string state)
    {
        var secrets = new HashSet<string> { Person.FirstPassword };
        foreach (var line in await Lines(Path.Combine(state, "keyvault", "secrets.journal")))
        {
            foreach (var version in new[] { line["version"] }.Concat(line["versions"]?.AsArray() ?? []))
            {
                if ((string?)version?["value"] is { Length: >= ShortestSecret } value) { secrets.Add(value); }
            }
        }
        foreach (var line in await Lines(Path.Combine(state, "arm", "resources.journal")))
        {
            foreach (var key in line["resource"]?["keys"]?.AsArray() ?? []) { secrets.Add((string)key!["value"]!); }
        }
        return [.. secrets];
    }

    /// <summary>The changes in a journal. One may have been cut off when the process was ended.</summary>
    private static async Task<IReadOnlyList<JsonNode>> Lines(string journal)
    {
        if (!File.Exists(journal)) { return []; }
        return [.. (await Read(journal)).Split('\n').Select(line => Parse(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..])).OfType<JsonNode>()];
    }

    private static JsonNode? Parse(string line)
    {
        try { return line.Length == 0 ? null : JsonNode.Parse(line); }
        catch (JsonException) { return null; }
    }

    [GeneratedRegex("[A-Za-z0-9]+")]
    private static partial Regex LettersAndDigits();

    /// <summary>
    /// Secrets of which nothing is kept but a hash are known by their looks. Answers hand some of them out; documents keep texts that the app has sealed, which look like a
    /// token without a prefix.
    /// </summary>
    private static IEnumerable<Regex> Looks(string place)
    {
        yield return ClientSecret();
        if (Path.GetFileName(place) == "answers.log") { yield break; }
        yield return Prefixed();
        yield return RecoveryCode();
        yield return SecondFactorKey();
        if (!place.StartsWith("cosmos", StringComparison.Ordinal)) { yield return Token(); }
    }

    /// <summary>A client secret of Microsoft Entra.</summary>
    [GeneratedRegex("8Q(?:~|%7E)[A-Za-z0-9_.-]{34}")]
    private static partial Regex ClientSecret();

    /// <summary>An API key, a token of a session or of a machine, the secret of a webhook.</summary>
    [GeneratedRegex("cf_[a-z0-9]{1,12}_[0-9A-Z]{26}_[0-9A-Za-z]{49}|cf[a-z]_CfDJ8[A-Za-z0-9_-]{40}|whsec_[A-Za-z0-9+/]{30}")]
    private static partial Regex Prefixed();

    [GeneratedRegex("(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{8}){3}(?![0-9a-f-])")]
    private static partial Regex RecoveryCode();

    /// <summary>As it is typed, or in the address that a QR code holds.</summary>
    [GeneratedRegex("otpauth:|(?<![A-Za-z0-9+/=_-])[A-Z2-7]{32}(?![A-Za-z0-9+/=_-])")]
    private static partial Regex SecondFactorKey();

    /// <summary>What Data Protection makes: a mailed link's token, a challenge, a device.</summary>
    [GeneratedRegex("CfDJ8[A-Za-z0-9_-]{40}")]
    private static partial Regex Token();
}
