using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;

namespace LocalAzure.Azurite;

/// <summary>
/// Azurite from npm, at the versions of package-lock.json: installed on first use into a cache folder of the user, once for all checkouts
/// and state folders that want the same versions.
/// </summary>
internal static class AzuriteInstallation
{
    private const string Launcher = "azurite.mjs";
    private static readonly string[] Files = ["package.json", "package-lock.json", Launcher];
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(200);

    /// <summary>The launcher's path, after installing what is missing.</summary>
    public static async Task<string> Ensure(NodeRuntime runtime, string fallbackFolder, Action<string> progress, CancellationToken cancellation)
    {
        var contents = Files.Select(file => (Name: file, Bytes: Read(file))).ToArray();
        var version = Convert.ToHexStringLower(SHA256.HashData([.. contents.SelectMany(file => file.Bytes)]))[..12];
        var cache = CacheFolder(fallbackFolder);
        var home = Path.Combine(cache, $"azurite-{version}");
        var launcher = Path.Combine(home, Launcher);
        if (File.Exists(launcher)) { return launcher; }

        using var alone = await HoldLock(Path.Combine(cache, "azurite.lock"), cancellation);
        if (File.Exists(launcher)) { return launcher; }
        progress("Installing Azurite (the local Table Storage) from npm; this happens once.");
        var draft = Directory.CreateDirectory(Path.Combine(cache, $"draft-{Guid.NewGuid():N}")).FullName;
        foreach (var (name, bytes) in contents) { await File.WriteAllBytesAsync(Path.Combine(draft, name), bytes, cancellation); }
        await Install(runtime, draft, cancellation);
        // Only a whole installation gets the name that is looked for.
        Directory.Move(draft, home);
        return launcher;
    }

    private static async Task Install(NodeRuntime runtime, string folder, CancellationToken cancellation)
    {
        string[] arguments = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
        var info = new ProcessStartInfo(runtime.Npm, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var npm = Process.Start(info)!;
        var output = npm.StandardOutput.ReadToEndAsync(cancellation);
        var errors = npm.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await npm.WaitForExitAsync(cancellation);
            await output;
        }
        catch (OperationCanceledException)
        {
            ChildProcesses.Kill(npm);
            throw;
        }
        if (npm.ExitCode == 0) { return; }
        Directory.Delete(folder, recursive: true);
        var why = (await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "no reason given";
        throw new StartRefused($"Azurite could not be installed from npm (exit code {npm.ExitCode}): {why}");
    }

    private static string CacheFolder(string fallback)
    {
        foreach (var folder in (string?[])[UserCache(), fallback])
        {
            if (string.IsNullOrEmpty(folder)) { continue; }
            try { return Directory.CreateDirectory(Path.Combine(folder, "local-azure")).FullName; }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                // A user without a home of their own: the state folder does as well.
            }
        }
        throw new StartRefused($"There is no folder to install Azurite into: {fallback} can't be written.");
    }

    private static string? UserCache()
    {
        if (OperatingSystem.IsWindows()) { return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData); }
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS()) { return home.Length == 0 ? null : Path.Combine(home, "Library", "Caches"); }
        return Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : home.Length == 0 ? null : Path.Combine(home, ".cache");
    }

    /// <summary>Two first starts at the same time install once: the second waits for the first.</summary>
    private static async Task<FileStream> HoldLock(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try { return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
            catch (IOException) { await Task.Delay(LockRetry, cancellation); }
        }
    }

    private static byte[] Read(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
