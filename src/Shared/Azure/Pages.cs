using System.Runtime.CompilerServices;

namespace CustomerFunctions.Shared.Azure;

/// <summary>Reads a paged list to its end, a page at a time; no more than one page is in memory.</summary>
public static class Pages
{
    public static async IAsyncEnumerable<Stored<T>> Each<T>(Func<string?, Task<Page<T>>> page, [EnumeratorCancellation] CancellationToken cancellation = default)
        where T : Document
    {
        string? continuation = null;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            var read = await page(continuation);
            foreach (var item in read.Items) { yield return item; }
            continuation = read.Continuation;
        }
        while (continuation is not null);
    }
}
