using System.Text;
using CustomerFunctions.SignIn;

namespace CustomerFunctions.Edge;

/// <summary>
/// Writes and reads the cursors of lists: the store's own continuation, encrypted and authenticated with the app's key ring and bound to its list. Nobody outside can make one or read what
/// is in it. Every instance has the ring's keys in memory; the first cursor of a new instance waits for them to be read.
/// </summary>
internal sealed class Cursors(ProtectionRing ring)
{
    public string Write(string list, string continuation) => ring.Protect(Purpose(list), Encoding.UTF8.GetBytes(continuation));

    /// <summary>The continuation; null when this app gave no such cursor to this list.</summary>
    public string? Read(string list, string cursor) => ring.Open(Purpose(list), cursor) is { } continuation ? Encoding.UTF8.GetString(continuation) : null;

    public static Cursors Of(HttpRequest request) => request.HttpContext.RequestServices.GetRequiredService<Cursors>();

    private static string Purpose(string list) => "cursor|" + list;
}
