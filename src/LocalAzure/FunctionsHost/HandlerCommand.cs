using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace LocalAzure.FunctionsHost;

/// <summary>How the host starts a custom handler: the command of host.json, the host's own variables and every app setting as environment.</summary>
internal static partial class HandlerCommand
{
    public static ProcessStartInfo For(FunctionApp app, IReadOnlyDictionary<string, string> settings, int port)
    {
        var info = new ProcessStartInfo(Executable(app, settings))
        {
            WorkingDirectory = Path.GetFullPath(app.Handler.WorkingDirectory is { } folder ? Expand(folder, settings) : ".", app.Folder),
        };
        foreach (var argument in app.Handler.Arguments) { info.ArgumentList.Add(Expand(argument, settings)); }
        ForgetOwnServer(info.Environment);
        foreach (var (name, value) in settings) { info.Environment[name] = value; }
        var number = port.ToString(CultureInfo.InvariantCulture);
        info.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = number;
        info.Environment["FUNCTIONS_HTTPWORKER_PORT"] = number;
        info.Environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = Guid.NewGuid().ToString();
        info.Environment["FUNCTIONS_APP_ROOT_PATH"] = app.Folder;
        info.Environment.TryAdd("AZURE_FUNCTIONS_ENVIRONMENT", "Development");
        return info;
    }

    /// <summary><c>%NAME%</c> stands for an app setting; one that is not there stays as it is written, as in the host.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> settings) =>
        Reference().Replace(text, match => settings.GetValueOrDefault(match.Groups[1].Value) ?? match.Value);

    /// <summary>The app's folder first, then PATH, so that both a binary of the app and <c>dotnet</c> are found; .exe where it takes one.</summary>
    private static string Executable(FunctionApp app, IReadOnlyDictionary<string, string> settings)
    {
        var named = Expand(app.Handler.Executable, settings);
        var own = Path.GetFullPath(named, app.Folder);
        if (File.Exists(own)) { return own; }
        return OperatingSystem.IsWindows() && File.Exists(own + ".exe") ? own + ".exe" : named;
    }

    /// <summary>What tells LocalAzure's own server how to run is not meant for the app.</summary>
    private static void ForgetOwnServer(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)).ToArray()) { environment.Remove(name); }
    }

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Reference();
}
