using System.Text;
using CustomerFunctions.SignIn;

namespace CustomerFunctions.Edge;

/// <summary>
/// Cursors of lists: the store's continuation, encrypted and authenticated with the app's key ring and bound to its
/// list, so that callers can neither forge nor read one. Each instance keeps the ring's keys in memory; its first cursor
/// waits until they are loaded.
/// </summary>
internal sealed class Cursors(ProtectionRing ring)
{
    public string Write(string list, string continuation) => ring.Protect(Purpose(list), Encoding.UTF8.GetBytes(continuation));

    /// <summary>The continuation; null when this app gave no such cursor to this list.</summary>
    public string? Read(string list, string cursor) => ring.Open(Purpose(list), cursor) is { } continuation ? Encoding.UTF8.GetString(continuation) : null;

    public static Cursors Of(HttpRequest request) => request.HttpContext.RequestServices.GetRequiredService<Cursors>();

    private static string Purpose(string list) => "cursor|" + list;
}
