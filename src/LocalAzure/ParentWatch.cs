using System.Diagnostics;

namespace LocalAzure;

/// <summary>Stops LocalAzure when the process that wanted it has ended, however that ended: a killed test run leaves nothing behind.</summary>
internal static class ParentWatch
{
    public static IDisposable? Start(int? pid, IHostApplicationLifetime lifetime)
    {
        if (pid is not { } id) { return null; }
        try
        {
            var parent = Process.GetProcessById(id);
            _ = Watch(parent, lifetime);
            return parent;
        }
        catch (ArgumentException e)
        {
            throw new StartRefused($"--parent {id}: there is no such process.", e);
        }
    }

    private static async Task Watch(Process parent, IHostApplicationLifetime lifetime)
    {
        await parent.WaitForExitAsync(lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lifetime.StopApplication();
    }
}
