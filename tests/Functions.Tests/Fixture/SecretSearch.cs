using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>
/// Looks for secrets in what a LocalAzure has written: documents, tables, the logs of all processes with the exceptions in them, and what callers were told who were refused. Every secret that was ever in its Key Vault must be nowhere else.
/// Each environment of a test run is searched when it ends.
/// </summary>
internal static partial class SecretSearch
{
    /// <summary>Shorter runs of letters and digits may stand anywhere by chance.</summary>
    private const int TellingLength = 20;

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

    /// <summary>The files with a secret in them, and how many secrets were looked for.</summary>
    public static async Task<(IReadOnlyList<string> Leaks, int Secrets)> Run(string state)
    {
        var journal = Path.Combine(state, "keyvault", "secrets.journal");
        if (!File.Exists(journal)) { return ([], 0); }
        var telling = Values(await Read(journal)).Select(Telling).OfType<string>().Distinct().ToArray();
        if (telling.Length == 0) { return ([], 0); }
        var any = SearchValues.Create(telling, StringComparison.Ordinal);
        var leaks = new List<string>();
        foreach (var file in FilesOf(state).Append(TestRun.AzuriteLog))
        {
            var text = await Read(file);
            if (text.AsSpan().IndexOfAny(any) is >= 0 and var at) { leaks.Add($"{Path.GetRelativePath(state, file)}: …{text[Math.Max(0, at - 200)..at]}"); }
        }
        return (leaks, telling.Length);
    }

    private static IEnumerable<string> Values(string journal) =>
        from line in journal.Split('\n')
        where line.Contains("\"value\"", StringComparison.Ordinal)
        let change = Parse(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..])
        from version in new[] { change?["version"] }.Concat(change?["versions"]?.AsArray() ?? [])
        where version is not null
        select (string)version["value"]!;

    /// <summary>A line may have been cut off when the process was ended.</summary>
    private static JsonNode? Parse(string line)
    {
        try { return JsonNode.Parse(line); }
        catch (System.Text.Json.JsonException) { return null; }
    }

    /// <summary>The longest run of letters and digits: it looks the same in every encoding. Null when there is none that tells.</summary>
    private static string? Telling(string value) => LettersAndDigits().Matches(value).Select(run => run.Value).MaxBy(run => run.Length) is { Length: >= TellingLength } longest ? longest : null;

    [GeneratedRegex("[A-Za-z0-9]+")]
    private static partial Regex LettersAndDigits();
}
