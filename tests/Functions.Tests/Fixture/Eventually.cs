using System.Diagnostics;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>Waits for what must become true, and no longer.</summary>
internal static class Eventually
{
    public static async Task True(Func<Task<bool>> condition, TimeSpan within, string what)
    {
        var started = Stopwatch.StartNew();
        while (!await condition())
        {
            started.Elapsed.Should().BeLessThan(within, "{0} was to be true by then", what);
            await Task.Delay(100);
        }
    }
}
