using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Plans;

/// <summary>Lists what there is to choose from, smallest first. The list is short and has one page.</summary>
internal static class ListPlans
{
    public static Ok<PageOf<Plan>> Handle() => TypedResults.Ok(new PageOf<Plan>(PlanCatalogue.Current.Plans, null));
}
