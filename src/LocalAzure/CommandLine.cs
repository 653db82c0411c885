using System.Globalization;

namespace LocalAzure;

/// <summary>What the command line asks for.</summary>
/// <param name="State">Folder that everything is kept in.</param>
/// <param name="Ports">First of a row of ports; null for free ones.</param>
/// <param name="Reset">Delete the state first.</param>
/// <param name="Seed">Fill a new state with demo data.</param>
/// <param name="App">Folder of the Functions app; null for the build output of src/Functions.</param>
/// <param name="Instances">Handler processes to run.</param>
/// <param name="Settings">App settings on top of all others.</param>
/// <param name="Parent">A process at whose end everything ends.</param>
/// <param name="Help">Print the options and end.</param>
internal sealed record CommandLine(
    string State,
    int? Ports,
    bool Reset,
    bool Seed,
    string? App,
    int Instances,
    IReadOnlyDictionary<string, string> Settings,
    int? Parent,
    bool Help)
{
    public const int DefaultPorts = 7071;
    private const int MostInstances = 16;

    public const string HelpText = """
        LocalAzure: the Functions app and everything it needs of Azure, on this machine.

          dotnet run --project src/LocalAzure -- [options]

          --state DIR           folder for all state (default .local)
          --ports auto|BASE     BASE functions, +1 local, +2 cosmos, +3 keyVault, +4 resourceManager,
                                +5 blob, +6 tables; auto takes free ports (default 7071)
          --reset               delete the state first
          --no-seed             no demo data
          --app DIR             folder of the Functions app (default: the build output of src/Functions)
          --instances N         run N instances of the app (default 1)
          --setting NAME=VALUE  a further app setting; may be repeated
          --parent PID          end when that process ends
          --help                this text
        """;

    private static readonly CommandLine Defaults = new(".local", DefaultPorts, false, true, null, 1, new Dictionary<string, string>(), null, false);

    /// <summary>The options, or the one line that says what is wrong with them.</summary>
    public static (CommandLine? Options, string? Refusal) Parse(IReadOnlyList<string> args)
    {
        var options = Defaults;
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = Split(args[i]);
            if (Flag(options, name) is { } flagged)
            {
                if (value is not null) { return (null, $"{name} takes no value."); }
                options = flagged;
                continue;
            }
            if (!TakesValue(name)) { return (null, $"Unknown option '{name}'."); }
            value ??= ++i < args.Count ? args[i] : null;
            if (string.IsNullOrEmpty(value) || (value.StartsWith("--", StringComparison.Ordinal) && name != "--setting")) { return (null, $"{name} needs a value."); }
            var (next, refusal) = With(options, name, value);
            if (refusal is not null) { return (null, refusal); }
            options = next!;
        }
        return (options, null);
    }

    private static (string Name, string? Value) Split(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal) && argument.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals
            ? (argument[..equals], argument[(equals + 1)..])
            : (argument, null);

    private static CommandLine? Flag(CommandLine options, string name) => name switch
    {
        "--reset" => options with { Reset = true },
        "--no-seed" => options with { Seed = false },
        "--help" or "-h" => options with { Help = true },
        _ => null,
    };

    private static bool TakesValue(string name) => name is "--state" or "--ports" or "--app" or "--instances" or "--setting" or "--parent";

    private static (CommandLine? Options, string? Refusal) With(CommandLine options, string name, string value) => name switch
    {
        "--state" => (options with { State = value }, null),
        "--app" => (options with { App = value }, null),
        "--ports" when value == "auto" => (options with { Ports = null }, null),
        "--ports" when Number(value, 1, ushort.MaxValue - 6) is { } first => (options with { Ports = first }, null),
        "--ports" => (null, $"--ports takes 'auto' or the first of seven ports, not '{value}'."),
        "--instances" when Number(value, 1, MostInstances) is { } count => (options with { Instances = count }, null),
        "--instances" => (null, $"--instances takes a number from 1 to {MostInstances}, not '{value}'."),
        "--parent" when Number(value, 1, int.MaxValue) is { } pid => (options with { Parent = pid }, null),
        "--parent" => (null, $"--parent takes a process id, not '{value}'."),
        _ when value.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals => (options with { Settings = With(options.Settings, value[..equals], value[(equals + 1)..]) }, null),
        _ => (null, $"--setting takes NAME=VALUE, not '{value}'."),
    };

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> settings, string name, string value) =>
        new(settings) { [name] = value };

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;
}
