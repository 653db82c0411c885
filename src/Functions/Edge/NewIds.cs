using CustomerFunctions.Shared;

namespace CustomerFunctions.Edge;

/// <summary>
/// The ids of what a request creates. With an Idempotency-Key they follow from a seed that was stored before anything was done: should the first try die half-way, the next one comes to the same ids and
/// finishes what it finds under them.
/// </summary>
internal sealed class NewIds(string seed)
{
    private int count;

    public string Customer() => Next("cus_");

    public string Key() => Next("key_");

    public string ServiceAccount() => Next("sva_");

    public string Account() => Next("acc_");

    public string Invitation() => Next("inv_");

    public string Webhook() => Next("whk_");

    public string Migration() => Next("mig_");

    public string Rotation() => Next("rot_");

    /// <summary>The request's own, for a change of something that is there: kept with the change, it tells a repeat that it has been made.</summary>
    public string Request() => Next("req_");

    /// <summary>Lets a handler take it as a parameter.</summary>
    public static ValueTask<NewIds?> BindAsync(HttpContext context) =>
        ValueTask.FromResult<NewIds?>(context.Features.Get<NewIds>() ?? new NewIds(Ids.NewUlid(context.RequestServices.GetRequiredService<TimeProvider>())));

    private string Next(string prefix) => prefix + Ids.Derived(seed, $"{prefix}{count++}");
}
