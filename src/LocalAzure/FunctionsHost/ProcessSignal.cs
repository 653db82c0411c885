using System.Runtime.InteropServices;

namespace LocalAzure.FunctionsHost;

/// <summary>Stops a process where it stands and lets it go on, as a machine does that hangs. Linux and macOS only: Windows has no such signal.</summary>
internal static class ProcessSignal
{
    // signal(7); macOS and the other BSDs number these two differently from Linux.
    private static readonly (int Stop, int Continue) Numbers = OperatingSystem.IsMacOS() ? (17, 19) : (19, 18);

    public static bool IsSupported => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    public static bool TrySend(int pid, bool stop) => IsSupported && Kill(pid, stop ? Numbers.Stop : Numbers.Continue) == 0;

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
