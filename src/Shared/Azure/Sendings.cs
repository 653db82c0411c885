using Azure.Core;
using Azure.Core.Pipeline;

namespace CustomerFunctions.Shared.Azure;

/// <summary>
/// How often the calls of a scope went out to Key Vault or Resource Manager. The SDK sends a call again whose answer was lost, and does not say so; what is not idempotent has then happened twice.
/// </summary>
public sealed class Sendings
{
    private const string Property = "CustomerFunctions.Sendings";
    private int count;

    public int Count => Volatile.Read(ref count);

    /// <summary>Counts until the scope is left.</summary>
    public IDisposable Watch() => HttpPipeline.CreateHttpMessagePropertiesScope(new Dictionary<string, object?> { [Property] = this });

    internal static void Note(HttpMessage message)
    {
        if (message.TryGetProperty(Property, out var watching)) { Interlocked.Increment(ref ((Sendings)watching!).count); }
    }
}
