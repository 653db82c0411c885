using System.Globalization;
using System.Runtime.InteropServices;

namespace Bench;

/// <summary>What figures depend on most.</summary>
internal static class Machine
{
    public static string Shape { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024):0} GB, {RuntimeInformation.OSDescription} ({RuntimeInformation.OSArchitecture}), .NET {Environment.Version}");
}
