//! Cost of a rule by how many there are, as a picture.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::report::Report;

const SIDES: [(&str, RGBColor); 4] = [
    ("ipvsadm -R", RGBColor(0xb0, 0x30, 0x30)),
    ("ipvs-rs restore", RGBColor(0x20, 0x60, 0xb0)),
    ("library", RGBColor(0x20, 0x90, 0x50)),
    ("floor", RGBColor(0x70, 0x70, 0x70)),
];

pub(crate) fn draw(report: &Report, path: &Path) -> Result<(), Box<dyn Error>> {
    let lines = SIDES.map(|(side, color)| (side, color, report.restored(side)));
    let all = || lines.iter().flat_map(|(_, _, points)| points);
    let most = all().map(|(_, cost)| *cost).fold(1.0, f64::max);
    let least = all().map(|(_, cost)| *cost).fold(most, f64::min);

    let area = SVGBackend::new(path, (760, 440)).into_drawing_area();
    area.fill(&WHITE)?;
    let title = format!("restore: what a rule costs, Linux {}", report.kernel());
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(45)
        .y_label_area_size(60)
        .build_cartesian_2d(
            (100f64..200_000f64).log_scale(),
            (least * 0.6..most * 2.0).log_scale(),
        )?;
    chart
        .configure_mesh()
        .x_desc("rules in the table (10 destinations a service)")
        .y_desc("µs a rule")
        .x_label_formatter(&|rules| format!("{rules}"))
        .y_label_formatter(&|cost| format!("{cost}"))
        .label_style(("sans-serif", 15))
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (side, color, points) in &lines {
        let line = LineSeries::new(points.clone(), color.stroke_width(2)).point_size(3);
        let color = *color;
        chart
            .draw_series(line)?
            .label(*side)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::MiddleRight)
        .background_style(WHITE)
        .border_style(BLACK.mix(0.3))
        .label_font(("sans-serif", 15))
        .draw()?;
    area.present()?;
    Ok(())
}
